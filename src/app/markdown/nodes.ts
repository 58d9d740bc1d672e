// What an answer is made of. Every text in these nodes is shown through text nodes of the page, never as markup.

/** What stands inside a line. */
export type Inline =
  | { type: 'text'; text: string }
  | { type: 'strong' | 'emphasis' | 'strikethrough' | 'sub' | 'sup' | 'underline'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'break' }
  | Formula
  /** `href` has an allowed scheme and is normalised: see links.ts. */
  | { type: 'link'; href: string; children: Inline[] }
  | { type: 'image'; alt: string; url: string }
  /** [text][label]: a link once the answer defines the label, else `before` + text + `after`, as written. */
  | { type: 'reference'; label: string; before: string; after: string; children: Inline[] };

/** TeX between delimiters. `open`: the answer still writes it. `source` is what is shown where it cannot be set. */
export interface Formula {
  type: 'formula';
  tex: string;
  display: boolean;
  source: string;
  open: boolean;
}

export type Align = 'left' | 'center' | 'right' | null;

/** `key` is where the part begins in its text: unique among siblings, the same while it grows. */
export interface Item {
  key: number;
  /** Number of an ordered item. */
  value: number;
  /** A task's box; null where there is none. */
  checked: boolean | null;
  /** A blank line stands before it. */
  spaced: boolean;
  blocks: Block[];
}

export interface Row {
  key: number;
  cells: Inline[][];
}

export type Block = { key: number } & (
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'rule' }
  | { type: 'code'; language: string; text: string; open: boolean }
  | { type: 'math'; formula: Formula }
  | { type: 'quote'; blocks: Block[] }
  | { type: 'list'; ordered: boolean; items: Item[] }
  | { type: 'table'; align: Align[]; header: Inline[][]; rows: Row[] }
  /** [label]: URL — shown, since models list their sources this way. */
  | { type: 'definition'; label: string; href: string }
  /** Text beyond a limit. */
  | { type: 'plain'; text: string }
);
