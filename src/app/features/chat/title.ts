// A conversation's title from its first message: the first words, cut at a word.

const MAX_TITLE = 48;

/** "" where the message has no words: the interface shows its own "untitled". */
export function titleFrom(message: string): string {
  const firstLine =
    message
      .split('\n')
      .map((line) => line.replace(/^[#>*\-\s`]+/, '').trim())
      .find((line) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(line)) ?? '';
  const line = firstLine.replace(/[*_`]+/g, '').replace(/\s+/g, ' ');
  const characters = [...line];
  if (characters.length <= MAX_TITLE) return line.replace(/[.,;:]+$/, '');
  const cut = characters.slice(0, MAX_TITLE).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > MAX_TITLE / 2 ? cut.slice(0, space) : cut).replace(/[\s.,;:]+$/, '')}…`;
}
