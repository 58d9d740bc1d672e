// A test that has a short and a long form asks here which one is wanted.

/** In `npm run test:full` and in soak. `npm test`, and a file run alone, take the short form. */
export const FULL = process.env['YUPANA_FULL'] === '1';
