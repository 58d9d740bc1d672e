// What an answer, an imported chat or a document may ask of the page. Beyond a limit the text is shown as plain text.

/** Characters of one answer that are read as markdown: a context of 32k tokens is about 130,000. */
export const MAX_ANSWER_CHARS = 400_000;

/**
 * Blocks, items of lists and rows of tables of one answer, or of one quote or item: each is an element or more of the page. A context of
 * 32k tokens seldom holds a thousand.
 */
export const MAX_PIECES = 6_000;

/** Characters of a paragraph, heading or cell searched for emphasis and links: marked's rules are quadratic at worst. */
export const MAX_INLINE_CHARS = 16_000;

/** Characters in such a text that may open something. Bounds the same search: bracket and asterisk bombs are short. */
export const MAX_INLINE_MARKS = 1_200;

/** Emphasis, strikethrough and links inside one another. */
export const MAX_INLINE_DEPTH = 12;

/** Code spans and formulas of one such text: each is one code point of a private area of 6,400 while it is read. */
export const MAX_SLOTS = 4_000;

/** Quotes and lists inside one another: deeper ones leave no room for text on a phone. */
export const MAX_BLOCK_DEPTH = 12;

/** Characters of one quote or one list item, with all it holds, that are split again while it grows. */
export const MAX_CONTAINER_CHARS = 64_000;

/** Columns of a table: every row is filled up to its header's count. */
export const MAX_COLUMNS = 64;

/** Characters of a URL: what browsers and servers commonly accept. Longer ones are no link. */
export const MAX_URL_CHARS = 2_048;

/** Characters of one formula. */
export const MAX_TEX_CHARS = 4_000;

/** Macro expansions inside one formula; temml's own macros (\dfrac, \iff …) need few. */
export const MAX_TEX_EXPANSIONS = 300;

/** Elements of one formula: 40 x 40 matrices stay well below. */
export const MAX_MATH_NODES = 6_000;

/** Levels of elements in one formula: browsers lay MathML out recursively. */
export const MAX_MATH_DEPTH = 60;

/** Largest length a formula may ask for, in em and in points: temml's `maxSize`. */
export const MAX_MATH_SIZE: [number, number] = [20, 200];

/** Characters of code that are coloured: grammars are regular expressions, slow on hostile text. */
export const MAX_HIGHLIGHT_CHARS = 20_000;
