// What a reader sees of an answer, as text: for reading aloud, for search, and for tests that no text is lost.

import type { Block, Inline } from './nodes.ts';

export function inlineText(children: readonly Inline[]): string {
  return children.map(oneInline).join('');
}

function oneInline(node: Inline): string {
  switch (node.type) {
    case 'text':
    case 'code':
      return node.text;
    case 'break':
      return '\n';
    case 'formula':
      return node.display ? `\n${node.tex}\n` : node.tex;
    case 'image':
      return `${node.alt} (${node.url})`;
    case 'reference':
      return node.before + inlineText(node.children) + node.after;
    case 'strong':
    case 'emphasis':
    case 'strikethrough':
    case 'sub':
    case 'sup':
    case 'underline':
    case 'link':
      return inlineText(node.children);
  }
}

/** Paragraphs, items and rows on lines of their own; formulas as TeX, links as their text. */
export function visibleText(blocks: readonly Block[]): string {
  return blocks.map(oneBlock).join('\n');
}

function oneBlock(block: Block): string {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.children);
    case 'code':
    case 'plain':
      return block.text;
    case 'math':
      return block.formula.tex;
    case 'rule':
      return '';
    case 'quote':
      return visibleText(block.blocks);
    case 'list':
      return block.items
        .map((item) => (block.ordered ? `${item.value}. ` : '') + visibleText(item.blocks))
        .join('\n');
    case 'table':
      return [block.header, ...block.rows.map(({ cells }) => cells)]
        .map((cells) => cells.map(inlineText).join('\t'))
        .join('\n');
    case 'definition':
      return `${block.label}: ${block.href}`;
  }
}
