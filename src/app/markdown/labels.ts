// The few words that stand around an answer's content. Whoever mounts Markdown gives them.

export interface MarkdownLabels {
  /** Copy a block of code. */
  copy: string;
  copied: string;
  copyFailed: string;
  /** Shown where a fence names no language. */
  code: string;
  /** Before the description of a picture that is not shown. */
  image: string;
  /** Names for boxes that scroll, for screen readers. */
  table: string;
  formula: string;
  done: string;
  notDone: string;
  /** The dialog before leaving. */
  linkTitle: string;
  linkGoesTo: string;
  openLink: string;
  copyAddress: string;
  cancel: string;
}
