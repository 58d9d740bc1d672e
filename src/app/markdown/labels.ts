// The few words that stand around an answer's content. Spanish by default; whoever mounts Markdown gives the others.

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

export const LABELS_ES: MarkdownLabels = {
  copy: 'Copiar el código',
  copied: 'Copiado',
  copyFailed: 'No se pudo copiar',
  code: 'Código',
  image: 'Imagen',
  table: 'Tabla',
  formula: 'Fórmula',
  done: 'Hecho',
  notDone: 'Por hacer',
  linkTitle: '¿Abrir este enlace en otra pestaña?',
  linkGoesTo: 'Este enlace lleva a:',
  openLink: 'Abrir',
  copyAddress: 'Copiar la dirección',
  cancel: 'Cancelar',
};
