// How deep each heading of an answer lies, whatever the model counts from and skips: outlines have no gaps.

import type { Block } from './nodes.ts';

/** Heading -> depth, from 1; one more than the nearest heading before it that stands above it. In the order of the text. */
export function headingDepths(pages: readonly (readonly Block[])[]): Map<Block, number> {
  const depths = new Map<Block, number>();
  const above: number[] = [];
  const visit = (blocks: readonly Block[]): void => {
    for (const block of blocks) {
      if (block.type === 'heading') {
        while (above.length > 0 && (above.at(-1) ?? 0) >= block.level) above.pop();
        above.push(block.level);
        depths.set(block, above.length);
      } else if (block.type === 'quote') visit(block.blocks);
      else if (block.type === 'list') for (const item of block.items) visit(item.blocks);
    }
  };
  for (const blocks of pages) visit(blocks);
  return depths;
}
