// Tags as a person writes them: separated by commas.

const MAX_TAGS = 20;
const MAX_LETTERS = 40;

/** Each once, whatever its capitals; in the order written. */
export function parseTags(text: string): string[] {
  const tags = new Map<string, string>();
  for (const part of text.split(/[,;\n]/)) {
    const tag = [
      ...part
        .replace(/^[\s#]+/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    ]
      .slice(0, MAX_LETTERS)
      .join('');
    if (tag !== '' && !tags.has(tag.toLowerCase())) tags.set(tag.toLowerCase(), tag);
  }
  return [...tags.values()].slice(0, MAX_TAGS);
}
