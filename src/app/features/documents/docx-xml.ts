// The text of word/document.xml (ECMA-376 part 1, WordprocessingML), read as a stream: no tree is built and no entity of
// the document's own is expanded, so its cost is its length whatever it says.

import { damaged, MAX_CHARACTERS, MAX_TAG_CHARACTERS, within } from './limits.ts';

export interface WordReader {
  /** The next piece of the part, already decoded; pieces may end anywhere. Throws "document-damaged", "document-too-large". */
  push(piece: string): void;
  /** Paragraphs by lines, rows of tables as "a | b", deleted text and field codes left out. */
  end(): string;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function entity(name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name] ?? `&${name};`;
  const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : '';
}

const unescapeText = (text: string): string =>
  text.replace(/&(#?[A-Za-z0-9]{1,10});/g, (_, name: string) => entity(name));

/** Parts whose text is a copy of other text (an older form for older programs). */
const SKIPPED = new Set(['Fallback']);

/** "## " for a paragraph styled as a heading: Word names the style in the language it was installed in. */
function headingMark(attributes: string): string {
  const level = /\bval=["'](?:heading|t[ií]?tulo|encabezado)\s?([1-6])["']/i.exec(attributes)?.[1];
  return level === undefined ? '' : `${'#'.repeat(Number(level))} `;
}

export function createWordReader(file: string): WordReader {
  const out: string[] = [];
  let characters = 0;
  let rest = '';
  let text = 0; // open elements whose characters are text
  let runs = 0;
  let skipped = 0;
  let cells: string[][] = []; // per open row: its cells so far
  let paragraph = '';
  let cell: string[] | null = null;
  const outer: { paragraph: string; cell: string[] | null }[] = [];

  const add = (piece: string): void => {
    characters += piece.length;
    within(characters, MAX_CHARACTERS, 'characters', file);
    paragraph += piece;
  };
  const endParagraph = (): void => {
    if (cell) {
      if (paragraph.trim() !== '') cell.push(paragraph.trim());
    } else out.push(paragraph);
    paragraph = '';
  };

  const open = (name: string, selfClosing: boolean, attributes: string): void => {
    if (SKIPPED.has(name) && !selfClosing) skipped++;
    if (skipped > 0) return;
    if (name === 'r' && !selfClosing) runs++;
    else if (name === 't' && !selfClosing) text++;
    else if (name === 'tab' && runs > 0) add('\t');
    else if ((name === 'br' || name === 'cr') && runs > 0) add('\n');
    else if (name === 'noBreakHyphen') add('-');
    else if (name === 'numPr' && paragraph === '') add('- ');
    else if (name === 'pStyle' && paragraph === '') add(headingMark(attributes));
    else if (name === 'p' && !selfClosing && paragraph !== '')
      endParagraph(); // a text box inside a paragraph
    else if (name === 'tr' && !selfClosing) cells.push([]);
    else if (name === 'tc' && !selfClosing) {
      outer.push({ paragraph, cell });
      paragraph = '';
      cell = [];
    }
  };

  const close = (name: string): void => {
    if (SKIPPED.has(name)) skipped = Math.max(0, skipped - 1);
    else if (skipped > 0) return;
    else if (name === 'r') runs = Math.max(0, runs - 1);
    else if (name === 't') text = Math.max(0, text - 1);
    else if (name === 'p') endParagraph();
    else if (name === 'tc') {
      const row = cells.at(-1);
      const before = outer.pop();
      if (!row || !before || !cell) throw damaged(file, 'a table cell ends that never began');
      if (paragraph.trim() !== '') cell.push(paragraph.trim());
      row.push(cell.join(' '));
      ({ paragraph, cell } = before);
    } else if (name === 'tr') {
      const row = cells.pop();
      if (!row) throw damaged(file, 'a table row ends that never began');
      const line = row.join(' | ');
      if (cell)
        cell.push(line); // a table inside a cell
      else out.push(line);
    } else if (name === 'tbl' && !cell) out.push('');
  };

  const tag = (inside: string): void => {
    if (inside.startsWith('?')) return;
    const closing = inside.startsWith('/');
    const found = /^\/?([^\s/>]+)/.exec(inside)?.[1];
    if (found === undefined) throw damaged(file, 'an element without a name');
    const name = found.slice(found.indexOf(':') + 1);
    if (closing) close(name);
    else open(name, inside.endsWith('/'), inside);
  };

  /** Takes whole constructs off the front of `rest`; what is not whole yet stays. */
  const drain = (last: boolean): void => {
    let at = 0;
    for (;;) {
      const start = rest.indexOf('<', at);
      // A text without its end may stop inside an entity: keep it until the next tag shows.
      if (start < 0) break;
      if (text > 0 && skipped === 0 && start > at) add(unescapeText(rest.slice(at, start)));
      at = start;
      const special = rest.startsWith('<!--', at) ? '-->' : rest.startsWith('<![CDATA[', at) ? ']]>' : '>';
      if (rest.startsWith('<!', at) && special === '>') {
        if (rest.length - at < 9 && !last) break;
        throw damaged(file, 'a document type declaration');
      }
      const end = rest.indexOf(special, at + 1);
      if (end < 0) {
        if (special === '>' && rest.length - at > MAX_TAG_CHARACTERS) throw damaged(file, 'an endless tag');
        break;
      }
      if (special === '>') tag(rest.slice(at + 1, end));
      else if (special === ']]>' && text > 0 && skipped === 0) add(rest.slice(at + 9, end));
      at = end + special.length;
    }
    rest = rest.slice(at);
    within(rest.length, MAX_CHARACTERS, 'characters', file);
  };

  return {
    push(piece) {
      rest += piece;
      drain(false);
    },
    end() {
      drain(true);
      if (rest.trim() !== '' || cells.length > 0) throw damaged(file, 'the text ends in the middle');
      if (paragraph !== '') endParagraph();
      cells = [];
      return out.join('\n');
    },
  };
}
