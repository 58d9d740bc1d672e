// What one tab did to a conversation, done again to what other tabs left in the store meanwhile. Nothing that was stored is lost
// unless somebody deleted it, and what was deleted stays deleted.

import type { Conversation, MessageNode } from './conversation-tree.ts';
import { mergeFields, mergeList, same } from './merge.ts';

/** Merged by rules of their own, or never changed. */
const OWN_RULES = new Set(['schema', 'id', 'createdAt', 'updatedAt', 'currentLeaf', 'nodes', 'tags']);

/**
 * @param base what `mine` was made from; null: of nothing that is known to be stored, and all of `mine` is to be there
 * @param stored undefined: there is none, or no longer
 * @returns what is to be stored: `mine` itself where nobody else changed anything; undefined where the conversation was
 * deleted and `mine` adds nothing to it. Of one that was deleted only what `mine` adds comes back, without its title.
 */
export function mergeConversation(
  base: Conversation | null,
  mine: Conversation,
  stored: Conversation | undefined,
): Conversation | undefined {
  if (!stored && !base) return mine;
  const known = (id: string): MessageNode | undefined =>
    mine.nodes[id] ?? stored?.nodes[id] ?? base?.nodes[id];
  const nodes = mergeNodes(base?.nodes ?? {}, mine.nodes, stored?.nodes ?? {});
  if (!stored && Object.keys(nodes).length === 0) return undefined;

  /** The node itself, or what is left above it; an id that nobody knows stays as it is. */
  const living = (id: string | null): string | null => {
    if (id !== null && !known(id)) return id;
    const seen = new Set<string>();
    let at = id;
    while (at !== null && !(at in nodes)) {
      if (seen.has(at)) return null;
      seen.add(at);
      at = known(at)?.parentId ?? null;
    }
    return at;
  };
  for (const [id, node] of Object.entries(nodes)) {
    const parentId = living(node.parentId);
    if (parentId !== node.parentId) nodes[id] = { ...node, parentId };
  }

  const { schema, id, createdAt, updatedAt, modelId } = mine;
  const theirs = stored ?? { schema, id, title: '', createdAt, updatedAt, modelId, currentLeaf: null, nodes };
  const merged = mergeFields(base, mine, theirs, OWN_RULES);
  merged.updatedAt = Math.max(updatedAt, theirs.updatedAt);
  const tags = mergeList(base?.tags ?? [], mine.tags ?? [], theirs.tags ?? []);
  if (tags.length > 0) merged.tags = tags;
  else delete merged.tags;
  merged.nodes = nodes;
  const moved = !base || base.currentLeaf !== mine.currentLeaf;
  merged.currentLeaf = leafOf(merged, living(moved ? mine.currentLeaf : theirs.currentLeaf));
  return same(sorted(merged), sorted(mine)) ? mine : merged;
}

type Nodes = Conversation['nodes'];

function mergeNodes(base: Nodes, mine: Nodes, stored: Nodes): Nodes {
  const nodes = { ...stored };
  for (const id of Object.keys(base)) if (!(id in mine)) delete nodes[id];
  for (const [id, node] of Object.entries(mine)) {
    const old = base[id];
    const theirs = nodes[id];
    if (theirs) nodes[id] = old === node ? theirs : mergeFields(old ?? null, node, theirs);
    else if (!old) nodes[id] = node; // else another tab deleted it
  }
  return nodes;
}

/** `wanted` where it is there; else the newest end there is. */
function leafOf({ nodes }: Conversation, wanted: string | null): string | null {
  if (wanted !== null && wanted in nodes) return wanted;
  const all = Object.values(nodes);
  const parents = new Set(all.map(({ parentId }) => parentId));
  const ends = all.filter(({ id }) => !parents.has(id));
  return ends.sort((a, b) => b.createdAt - a.createdAt)[0]?.id ?? null;
}

/** The same conversation whatever the order in which its parts came. */
const sorted = (conversation: Conversation): unknown => [
  Object.entries({ ...conversation, nodes: null }).sort(([a], [b]) => (a < b ? -1 : 1)),
  Object.values(conversation.nodes).sort((a, b) => (a.id < b.id ? -1 : 1)),
];

/** For whoever looks at `mine`: all of `merged`, and the same branch, longer where somebody went on with it. */
export function keepShown(mine: Conversation, merged: Conversation): Conversation {
  const leaf = mine.currentLeaf;
  if (leaf === null || !(leaf in merged.nodes) || merged.currentLeaf === leaf) return merged;
  const seen = new Set<string>();
  for (let at = merged.currentLeaf; at !== null && !seen.has(at); at = merged.nodes[at]?.parentId ?? null) {
    if (at === leaf) return merged;
    seen.add(at);
  }
  return { ...merged, currentLeaf: leaf };
}
