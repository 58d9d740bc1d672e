// The text of one paragraph, heading or cell -> nodes. marked's lexer finds emphasis, links and addresses; code, formulas
// and <br> are taken out before (slots.ts). Its block grammar and its HTML are not used.

import { Lexer, Tokenizer, type Token, type Tokens } from 'marked';
import { decodeEntities } from './entities.ts';
import { MAX_INLINE_CHARS, MAX_INLINE_DEPTH, MAX_INLINE_MARKS } from './limits.ts';
import { normalizeLabel, safeHref } from './links.ts';
import type { Inline } from './nodes.ts';
import { completed } from './repair.ts';
import { restore, slotAt, takeSlots, type Slot } from './slots.ts';

/** A link by label: whether it is one is known when it is shown, so that a definition that comes last parses nothing again. */
interface LabelledLink extends Tokens.Link {
  labelled: { label: string; image: boolean; after: string };
}

let depth = 0;

/** Emphasis within emphasis is found by calling the lexer again: so far, and no further. */
function nested<T>(find: () => T): T | undefined {
  if (depth >= MAX_INLINE_DEPTH) return undefined;
  depth++;
  try {
    return find();
  } finally {
    depth--;
  }
}

class InlineTokenizer extends Tokenizer {
  /** HTML is text. */
  override tag(): undefined {
    return undefined;
  }

  override emStrong(src: string, masked: string, before = ''): Tokens.Em | Tokens.Strong | undefined {
    // 5*4*3 and 2*x*y are products: one asterisk between letters or digits means nothing here.
    if (/^\*(?!\*)[\p{L}\p{N}(]/u.test(src) && /[\p{L}\p{N})]$/u.test(before)) return undefined;
    return nested(() => super.emStrong(src, masked, before) ?? this.strongBeforeWord(src));
  }

  /** "**Nota:**texto": CommonMark lets no mark that follows punctuation close before a letter, and models write it all the time. */
  private strongBeforeWord(src: string): Tokens.Strong | undefined {
    const found = /^\*\*(?=\S)([^*\n]{1,200}[\p{P}])\*\*(?=[\p{L}\p{N}])/u.exec(src);
    const text = found?.[1];
    if (!found || text === undefined) return undefined;
    return { type: 'strong', raw: found[0], text, tokens: this.lexer.inlineTokens(text) };
  }

  override del(src: string, masked: string, before = ''): Tokens.Del | undefined {
    // One ~ is "about" in much of what people write; only two strike through.
    return src.startsWith('~~') ? nested(() => super.del(src, masked, before)) : undefined;
  }

  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    return nested(() => super.link(src));
  }

  override reflink(src: string): Tokens.Link | Tokens.Text | undefined {
    const full = /^!?\[((?:\\.|[^[\]\\]){1,500})\](?:\[((?:\\.|[^[\]\\]){0,200})\])?/.exec(src);
    const text = full?.[1];
    if (!full || text === undefined || text.trim() === '') return undefined;
    return nested((): LabelledLink => {
      const image = src.startsWith('!');
      return {
        type: 'link',
        raw: full[0],
        href: '',
        text,
        tokens: this.lexer.inlineTokens(text),
        labelled: {
          label: normalizeLabel(full[2] || text),
          image,
          after: full[0].slice(text.length + (image ? 2 : 1)),
        },
      };
    });
  }
}

/** What could be anything but text; most cells and many lines hold none of it. */
const MARKED = /[\\`*_~[\]!<&$@\n]|:\/\/|www\.|mailto:/i;

export interface ParsedInline {
  children: Inline[];
  /** Reads the same whether or not the text is still being written. */
  settled: boolean;
}

/** @param open the text is still being written: see repair.ts */
export function parseInline(source: string, open: boolean): ParsedInline {
  if (!MARKED.test(source) || tooMuch(source))
    return { children: [{ type: 'text', text: source }], settled: true };
  const slotted = takeSlots(source, open, (text) => parseInline(text, false).children);
  // Runs of spaces are one space on the page, and marked's patterns are quadratic in them.
  const written = slotted.text.replace(/[ \t]{2,}/g, ' ');
  const text = open ? completed(written) : written;
  const lexer = new Lexer({ gfm: true, breaks: true, tokenizer: new InlineTokenizer() });
  depth = 0;
  const children =
    slotted.text === '' && slotted.slots.length > 0
      ? slotted.slots.map(({ node }) => node)
      : convert(lexer.inlineTokens(text), slotted.slots, false);
  return { children, settled: !slotted.unfinished && text === written };
}

/** Limits first: what is beyond them is shown as it was written. */
function tooMuch(source: string): boolean {
  if (source.length > MAX_INLINE_CHARS) return true;
  let marks = 0;
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i);
    // * [ ] ! _ ~ < &
    if (
      code === 42 ||
      code === 91 ||
      code === 93 ||
      code === 33 ||
      code === 95 ||
      code === 126 ||
      code === 60
    )
      marks++;
  }
  return marks > MAX_INLINE_MARKS;
}

function convert(tokens: readonly Token[], slots: readonly Slot[], inLink: boolean): Inline[] {
  const out: Inline[] = [];
  for (const token of tokens) {
    for (const node of convertOne(token, slots, inLink)) {
      const last = out.at(-1);
      // One text node of the page for one run of text.
      if (node.type === 'text' && last?.type === 'text')
        out[out.length - 1] = { type: 'text', text: last.text + node.text };
      else if (node.type !== 'text' || node.text !== '') out.push(node);
    }
  }
  return withoutBreaksBesideFormulas(out);
}

/** A formula in display stands on a line of its own: a break beside it would leave an empty one. */
function withoutBreaksBesideFormulas(nodes: Inline[]): Inline[] {
  const alone = (node: Inline | undefined): boolean => node?.type === 'formula' && node.display;
  return nodes.filter(({ type }, i) => type !== 'break' || !(alone(nodes[i - 1]) || alone(nodes[i + 1])));
}

function convertOne(token: Token, slots: readonly Slot[], inLink: boolean): Inline[] {
  const children = (): Inline[] => convert('tokens' in token ? (token.tokens ?? []) : [], slots, inLink);
  switch (token.type) {
    case 'strong':
      return [{ type: 'strong', children: children() }];
    case 'em':
      return [{ type: 'emphasis', children: children() }];
    case 'del':
      return [{ type: 'strikethrough', children: children() }];
    case 'br':
      return [{ type: 'break' }];
    case 'escape':
      return withSlots((token as Tokens.Escape).text, slots, false);
    case 'link':
      return link(token as Tokens.Link, slots, inLink);
    case 'image':
      return [image(token as Tokens.Image, slots)];
    default:
      // `raw`, not `text`: marked decodes some entities in the latter, and decoding twice would change the text.
      return withSlots(token.raw, slots, true);
  }
}

/** Text with slots in it -> text nodes and what the slots hold. */
function withSlots(text: string, slots: readonly Slot[], entities: boolean): Inline[] {
  const out: Inline[] = [];
  const plain = (part: string): void => {
    if (part !== '') out.push({ type: 'text', text: entities ? decodeEntities(part) : part });
  };
  if (slots.length === 0) plain(text);
  else {
    for (const part of text.split(/([\ue000-\uf8ff])/)) {
      const slot = part.length === 1 ? slotAt(slots, part) : undefined;
      if (slot) out.push(slot.node);
      else plain(part);
    }
  }
  return out;
}

function link(token: Tokens.Link, slots: readonly Slot[], inLink: boolean): Inline[] {
  const autolink = token.autolink === true;
  const children = autolink
    ? [{ type: 'text' as const, text: restore(token.text, slots) }]
    : convert(token.tokens, slots, true);
  if ('labelled' in token) {
    const { label, image, after } = (token as LabelledLink).labelled;
    const before = image ? '![' : '[';
    const literal: Inline[] = [
      { type: 'text', text: before },
      ...children,
      { type: 'text', text: restore(after, slots) },
    ];
    if (inLink) return literal;
    const written = restore(after, slots);
    return [{ type: 'reference', label: restore(label, slots), before, after: written, children }];
  }
  if (inLink) return children;
  const written = restore(token.href, slots);
  const href = safeHref(written);
  if (href !== null) return [{ type: 'link', href, children }];
  // No link, but nothing is withheld: the address stands behind the text.
  return autolink || written === '' ? children : [...children, { type: 'text', text: ` (${written})` }];
}

function image(token: Tokens.Image, slots: readonly Slot[]): Inline {
  return {
    type: 'image',
    alt: decodeEntities(restore(token.text, slots)),
    url: decodeEntities(restore(token.href, slots)),
  };
}
