// Ids that end an answer: configs name them as one number or a list, under two names, in up to three files.

/** More than any model has. */
const MAX_STOP_TOKENS = 64;

/**
 * The union of `eos_token_id` and `stop_token_ids` over the given objects, ascending. Ids outside the vocabulary can never
 * be drawn and are left out.
 */
export function stopTokenIds(objects: readonly unknown[], vocabSize: number): number[] {
  const ids = new Set<number>();
  for (const object of objects) {
    if (typeof object !== 'object' || object === null) continue;
    const fields = object as { eos_token_id?: unknown; stop_token_ids?: unknown };
    for (const id of [fields.eos_token_id, fields.stop_token_ids].flat()) {
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= vocabSize) continue;
      if (ids.size < MAX_STOP_TOKENS) ids.add(id);
    }
  }
  return [...ids].sort((a, b) => a - b);
}
