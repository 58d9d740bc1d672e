// What between delimiters is a formula, and what only looks like one: prices, placeholders.

/** Characters of a formula in single dollars: longer ones are two prices with a sentence between them. */
export const MAX_DOLLAR_TEX = 400;

/** Words that stand in a formula's own commands or in text inside it. */
const COMMANDS =
  /\\(?:text|mathrm|mathit|mathbf|operatorname|textbf|textit|mbox)\*?\s*\{[^{}]*\}|\\[a-zA-Z]+/g;

/**
 * "\\[Nombre del cliente\\]" is a place to fill in, in the escapes of somebody who wrote Markdown: words and nothing of a formula.
 */
export function isPlaceholder(tex: string): boolean {
  const text = tex.trim();
  return (
    /^[\p{L}\p{M}\s.,;:¿?¡!/'’"“”()#-]+$/u.test(text) &&
    /\p{L}{3,}[\s\p{L}\p{M}]*\s\p{L}|\p{L}{4,}/u.test(text)
  );
}

/** Whether what stands between two dollars reads as a formula, not as "5 y luego US". */
function readsAsFormula(tex: string): boolean {
  const bare = tex.replace(COMMANDS, ' ');
  if (/\p{L}{3,}/u.test(bare)) return false;
  if (/[\\^_=+<>|{}]/.test(tex)) return !/\p{L}{2,}\s+\p{L}{2,}/u.test(bare);
  // A name, a number, a product, a fraction, a point: no space but around an operator.
  return (
    /^-?[\p{L}\d]+(?:\s*[-*/·×:,]\s*-?[\p{L}\d]+)*['′!]?(?:\([^()]*\))?$/u.test(tex) &&
    /\p{L}|[-*/·×]/u.test(tex)
  );
}

/**
 * End (after the closing dollar) of a formula that begins with the dollar at `at`, by pandoc's rule: no space inside either dollar, no
 * digit after the closing one. -1 where there is none.
 */
export function dollarEnd(source: string, at: number): number {
  const first = source[at + 1];
  if (first === undefined || first === '$' || /\s/.test(first)) return -1;
  const most = Math.min(source.length, at + 2 + MAX_DOLLAR_TEX);
  for (let i = at + 1; i < most; i++) {
    const char = source[i];
    if (char === '\\') i++;
    else if (char === '\n' && source[i + 1] === '\n') return -1;
    else if (char === '`') return -1;
    else if (char === '$') {
      if (source[i + 1] === '$' || /\s/.test(source[i - 1] ?? ' ') || /\d/.test(source[i + 1] ?? ''))
        return -1;
      return readsAsFormula(source.slice(at + 1, i)) ? i + 1 : -1;
    }
  }
  return -1;
}
