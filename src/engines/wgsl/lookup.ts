// Prompt lookup (Saxena, "Prompt Lookup Decoding", 2023): where the last tokens have stood before, what followed them there is a
// guess at what follows now. Good where an answer quotes or rewrites a text that it was given.

export interface Lookup {
  push(id: number): void;
  /** Up to `most` tokens that may follow; none where the last ones are new. */
  draft(most: number): number[];
}

/** So many tokens must agree: with fewer, most guesses are wrong. */
const MATCH = 3;

export function createLookup(prompt: readonly number[]): Lookup {
  const tokens: number[] = [];
  /** Hash of MATCH tokens -> where what followed them last begins. A collision is found out when it is used. */
  const followers = new Map<number, number>();

  function hashBefore(end: number): number {
    let hash = 0;
    for (let i = end - MATCH; i < end; i++) hash = (Math.imul(hash, 0x9e3779b1) + tokens[i]!) | 0;
    return hash;
  }

  function push(id: number): void {
    const end = tokens.length;
    if (end >= MATCH) followers.set(hashBefore(end), end);
    tokens.push(id);
  }

  for (const id of prompt) push(id);
  return {
    push,
    draft(most) {
      const end = tokens.length;
      if (end < MATCH) return [];
      const from = followers.get(hashBefore(end));
      if (from === undefined) return [];
      for (let i = 1; i <= MATCH; i++) if (tokens[from - i] !== tokens[end - i]) return [];
      return tokens.slice(from, from + most);
    },
  };
}
