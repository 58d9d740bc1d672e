// Where the commands find what comes with them: the catalog.

/** The repository, as its scripts say; the package sets its own folder. */
export const home = { folder: process.env['YUPANA_ROOT'] ?? '.' };
