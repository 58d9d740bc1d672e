// What an imported file may hold at most. Such a file can come from anyone; each limit has room for years of honest use.

/** Read into memory as a whole: more would not fit beside a model on a laptop with 4 GB. Exports stop here too. */
export const MAX_FILE_BYTES = 256 * 2 ** 20;
/** Nesting of brackets; what is written has 7. */
export const MAX_DEPTH = 24;
export const MAX_CONVERSATIONS = 100_000;
export const MAX_NODES = 20_000;
/** Characters of one message. The longest context there is holds about half a million. */
export const MAX_CONTENT = 2_000_000;
export const MAX_TITLE = 500;
export const MAX_TAGS = 50;
export const MAX_TAG = 60;
export const MAX_SYSTEM = 200_000;
export const MAX_MODEL_ID = 200;
/** Of one message. */
export const MAX_ATTACHMENTS = 20;
export const MAX_PAGES = 2_000;
export const MAX_PASSAGES = 2_000;
export const MAX_NAME = 200;
/** Of a feedback: there are ten to choose from. */
export const MAX_REASONS = 20;
export const MAX_NOTE = 5_000;
/** The last moment a Date can be (ECMA-262, time values): later ones cannot be shown. */
export const MAX_TIME = 8.64e15;
