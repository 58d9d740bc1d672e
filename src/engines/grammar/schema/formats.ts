// "format" as patterns: texts that are of the form, not all of them where the form itself is long (said as a narrowing).

const MONTH_DAYS =
  '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])';
const LEAP_YEAR = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)';
const DATE = `(?:\\d{4}-(?:${MONTH_DAYS})|${LEAP_YEAR}-02-29)`;
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?';
const ZONE = '(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
/** Without two hyphens in a row: "xn--" begins what only some texts may follow. */
const LABEL = '[A-Za-z0-9](?:-?[A-Za-z0-9]){0,30}';
/** Short enough for 253 characters, however long its labels. */
const HOST = `${LABEL}(?:\\.${LABEL}){0,3}`;
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const HEX = '[0-9A-Fa-f]';
const GROUP = `${HEX}{1,4}`;
const IPV6 = [
  `(?:${GROUP}:){7}${GROUP}`,
  '::',
  ...Array.from({ length: 7 }, (_, n) => {
    const left = n === 0 ? ':' : `(?:${GROUP}:){${n}}`;
    return `${left}(?::${GROUP}){1,${7 - n}}`;
  }),
  ...Array.from({ length: 7 }, (_, n) => `(?:${GROUP}:){${n + 1}}:`),
].join('|');
const URI_CHAR = "[A-Za-z0-9._~!$&'()*+,;=:@/-]";
const URI_REST = `(?:\\?(?:${URI_CHAR}|\\?){0,200})?(?:#(?:${URI_CHAR}|\\?){0,60})?`;
const SECONDS = '(?:\\d{1,9}S)';
const MINUTES = `(?:\\d{1,9}M${SECONDS}?)`;
const CLOCK = `T(?:\\d{1,9}H${MINUTES}?|${MINUTES}|${SECONDS})`;
const DAYS = '\\d{1,9}D';
const CALENDAR = `(?:\\d{1,9}Y(?:\\d{1,9}M(?:${DAYS})?)?|\\d{1,9}M(?:${DAYS})?|${DAYS})`;

/** A format's pattern, which a text matches from end to end. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: `${TIME}${ZONE}`,
  'date-time': `${DATE}T${TIME}${ZONE}`,
  duration: `P(?:${CALENDAR}(?:${CLOCK})?|${CLOCK}|\\d{1,9}W)`,
  email: `[A-Za-z0-9_+-]{1,20}(?:\\.[A-Za-z0-9_+-]{1,20}){0,2}@(?:${LABEL}\\.){1,3}[A-Za-z]{2,24}`,
  hostname: HOST,
  ipv4: `${BYTE}(?:\\.${BYTE}){3}`,
  ipv6: IPV6,
  uuid: `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`,
  uri: `https?://${HOST}(?::\\d{1,5})?(?:/${URI_CHAR}{0,200})?${URI_REST}`,
};

/** For where a schema wants them shorter than those above may be. */
export const SHORT_FORMATS: Readonly<Record<string, string>> = {
  email: '[A-Za-z0-9_+-]{1,12}@[A-Za-z0-9]{1,12}\\.[A-Za-z]{2,4}',
  hostname: '[A-Za-z0-9]{1,12}(?:\\.[A-Za-z0-9]{1,12})?',
  uri: `https?://[A-Za-z0-9]{1,12}(?:\\.[A-Za-z0-9]{1,12})?(?:/${URI_CHAR}{0,12})?`,
};

/** Those that say how a program keeps a value, not which values there are (OpenAPI, Pydantic). */
export const FORMATS_THAT_TELL: ReadonlySet<string> = new Set([
  'float',
  'double',
  'password',
  'binary',
  'byte',
]);
export const INTEGER_FORMATS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};
