import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { ErrorReason } from '../../../failures.ts';
import { ACCEPTED } from './accepted.ts';
import { extractText, shownName } from './extract.ts';
import { MAX_FILE_BYTES, MAX_ZIP_ENTRIES } from './limits.ts';
import { splitPassages } from './split.ts';
import { file, makeDocx, makePdf, paragraph } from './test-files.ts';

const extract = (source: File, options: { signal?: AbortSignal } = {}) =>
  extractText(source, { startPdfWorker: null, ...options });

const refused = async (source: File, reason: ErrorReason): Promise<void> => {
  await expect(extract(source), source.name).rejects.toMatchObject({ reason });
};

const utf16 = (text: string, little: boolean, mark: boolean): Uint8Array<ArrayBuffer> => {
  const marked = mark ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(marked.length * 2);
  const view = new DataView(bytes.buffer);
  [...marked].forEach((c, i) => view.setUint16(2 * i, c.charCodeAt(0), little));
  return bytes;
};

describe('text files', () => {
  const text = 'La célula, según Ñandú:\n“unidad” de vida.';
  it.each([
    ['UTF-8', strToU8(text)],
    ['UTF-8 with a mark', strToU8(`\ufeff${text}`)],
    ['UTF-16 LE', utf16(text, true, true)],
    ['UTF-16 BE', utf16(text, false, true)],
    ['UTF-16 LE without a mark', utf16(text, true, false)],
    ['windows-1252', Uint8Array.from([...text], (c) => ({ '“': 0x93, '”': 0x94 })[c] ?? c.charCodeAt(0))],
  ])('reads %s', async (_, bytes) => {
    expect(await extract(file('apuntes.txt', new Uint8Array(bytes)))).toEqual({
      name: 'apuntes.txt',
      kind: 'text',
      text,
      chars: text.length,
    });
  });

  it('keeps one kind of line end and no invisible characters', async () => {
    const read = await extract(file('notas.csv', 'a;b\r\n1;2\r\u202e3;4\u200b   \n\n\n\n5;6\n'));
    expect(read).toMatchObject({ kind: 'csv', text: 'a;b\n1;2\n3;4\n\n5;6' });
  });

  it('refuses what is empty, binary, of another kind or too large', async () => {
    await refused(file('vacio.txt'), 'document-empty');
    await refused(file('blanco.md', ' \n\t\n'), 'document-empty');
    await refused(
      file(
        'foto.txt',
        Uint8Array.from({ length: 500 }, (_, i) => i % 25),
      ),
      'document-wrong-type',
    );
    await refused(file('libro.txt', makePdf([['hola']])), 'document-wrong-type');
    await refused(file('hoja.xlsx', 'x'), 'document-unsupported');
    await refused(file('constructor', 'x'), 'document-unsupported');
    await refused(file('x.constructor', 'x'), 'document-unsupported');
    const large = file('grande.txt', 'x');
    Object.defineProperty(large, 'size', { value: MAX_FILE_BYTES + 1 });
    await refused(large, 'document-too-large');
  });

  it('takes time in proportion to the file, whatever it is', { timeout: 60_000 }, async () => {
    for (const piece of [' ', '.', '-\n', '\u00a0x', '\t', '"']) {
      const read = await extract(file('a.txt', `x${piece.repeat(300_000)}x`));
      expect(splitPassages(read.text).length).toBeGreaterThan(0);
    }
  });

  it('offers every kind it reads', () => {
    expect(ACCEPTED).toContain('.docx');
  });

  it('shows names on one line, without paths or tricks', () => {
    expect(shownName('C:\\fakepath\\tarea\u202efdp.txt')).toBe('tareafdp.txt');
    expect(shownName('')).toBe('archivo');
    const long = shownName(`${'a'.repeat(300)}.docx`);
    expect([...long]).toHaveLength(120);
    expect(long).toMatch(/…aaa\.docx$/);
  });
});

describe('PDF', { timeout: 60_000 }, () => {
  it('reads pages with their numbers', async () => {
    const bytes = makePdf([
      ['La fotos\u00edntesis ocurre en las ho-', 'jas de las plantas (verdes).'],
      [],
      ['Segunda parte del texto de prueba.'],
    ]);
    const progress: number[] = [];
    const read = await extractText(file('ciencias.PDF', bytes), {
      startPdfWorker: null,
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(read.pages).toEqual([
      { label: '1', text: 'La fotosíntesis ocurre en las hojas de las plantas (verdes).' },
      { label: '3', text: 'Segunda parte del texto de prueba.' },
    ]);
    expect(progress).toEqual([1 / 3, 2 / 3, 1]);
  });

  it('refuses encrypted, scanned, damaged and disguised files by name', async () => {
    await refused(file('clave.pdf', makePdf([['secreto']], true)), 'document-encrypted');
    await refused(file('escaneado.pdf', makePdf([[], ['3'], []])), 'document-no-text');
    await refused(file('roto.pdf', '%PDF-1.7\nnada de esto es un PDF'), 'document-damaged');
    await refused(file('texto.pdf', 'hola'), 'document-wrong-type');
  });

  it('stops when asked', async () => {
    await expect(
      extract(file('a.pdf', makePdf([['hola']])), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ reason: 'aborted' });
  });
});

describe('.docx', { timeout: 60_000 }, () => {
  it('reads paragraphs, lists, tables, tabs, breaks and notes; leaves deletions and field codes out', async () => {
    const cell = (text: string) => `<w:tc><w:tcPr/>${paragraph(text)}</w:tc>`;
    const body = [
      paragraph('Plan de clase &amp; objetivos &#8212; a&lt;b'),
      '<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t xml:space="preserve">uno </w:t><w:tab/><w:t>dos</w:t><w:br/><w:t>tres</w:t></w:r></w:p>',
      '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/></w:numPr></w:pPr><w:r><w:t>punto</w:t></w:r></w:p>',
      '<w:p><w:r><w:delText>borrado</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>',
      `<w:tbl><w:tr>${cell('Hora')}${cell('Tema')}</w:tr><w:tr>${cell('8:00')}${cell('Mate')}</w:tr></w:tbl>`,
      '<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>una vez</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>una vez</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>',
    ].join('');
    const notes = `<w:footnotes>${paragraph('Nota al pie')}</w:footnotes>`;
    const bytes = makeDocx(body, {
      'word/footnotes.xml': strToU8(notes),
      'word/media/a.png': new Uint8Array(9),
    });
    const read = await extract(file('plan.docx', bytes));
    expect(read.text.split('\n').filter(Boolean)).toEqual([
      'Plan de clase & objetivos — a<b',
      'uno \tdos',
      'tres',
      '- punto',
      'Hora | Tema',
      '8:00 | Mate',
      'una vez',
      'Nota al pie',
    ]);
  });

  it('reads the same whatever way the stream is cut', async () => {
    const body = Array.from({ length: 40 }, (_, i) =>
      paragraph(`párrafo ${i} &aacute; <!-- no --> <![CDATA[<x>]]>`),
    ).join('');
    const { createWordReader } = await import('./docx-xml.ts');
    const whole = createWordReader('a');
    whole.push(body);
    const expected = whole.end();
    expect(expected).toContain('párrafo 39 &aacute;');
    expect(expected).toContain('<x>');
    for (const size of [1, 2, 7, 100]) {
      const reader = createWordReader('a');
      for (let at = 0; at < body.length; at += size) reader.push(body.slice(at, at + size));
      expect(reader.end()).toBe(expected);
    }
  });

  it('refuses zip bombs, declared or not, without unzipping them', { timeout: 60_000 }, async () => {
    const bomb = makeDocx(`<a b="${'x'.repeat(1000)}"/>`.repeat(36 * 2 ** 10));
    expect(bomb.length).toBeLessThan(2 ** 20);
    const began = performance.now();
    await refused(file('bomba.docx', bomb), 'document-too-large');
    console.log(`bomb of ${bomb.length} bytes refused in ${Math.round(performance.now() - began)} ms`);
    const many: Record<string, Uint8Array> = {};
    for (let i = 0; i < MAX_ZIP_ENTRIES + 1; i++) many[`x${i}`] = new Uint8Array();
    await refused(file('muchos.docx', makeDocx(paragraph('hola'), many)), 'document-too-large');
    await refused(file('letras.docx', makeDocx(paragraph('x'.repeat(2_100_000)))), 'document-too-large');
  });

  it('refuses entities of its own, other zips, cut files and older Word files', async () => {
    const lol = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document>&b;</w:document>';
    await refused(
      file('l.docx', new Uint8Array(zipSync({ 'word/document.xml': strToU8(lol) }))),
      'document-damaged',
    );
    await refused(file('z.docx', new Uint8Array(zipSync({ 'a.txt': strToU8('a') }))), 'document-wrong-type');
    const whole = makeDocx(paragraph('hola '.repeat(500)));
    await refused(file('cortado.docx', whole.slice(0, 150)), 'document-damaged');
    await refused(file('cruzado.docx', makeDocx('</w:tc></w:tr>')), 'document-damaged');
    const ole = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    await refused(file('viejo.docx', new Uint8Array([...ole, 0, 0])), 'document-wrong-type');
    await refused(
      file('clave.docx', new Uint8Array(ole), utf16('EncryptedPackage', true, false)),
      'document-encrypted',
    );
  });

  it('survives hostile bytes', async () => {
    let seed = Number(process.env.YUPANA_SEED ?? Date.now() % 2 ** 31);
    console.log(`docx seed ${seed}`);
    const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    const whole = makeDocx(Array.from({ length: 20 }, (_, i) => paragraph(`texto ${i}`)).join(''));
    for (let round = 0; round < 60; round++) {
      const bytes = whole.slice();
      for (let flips = 0; flips < 4; flips++)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const outcome = await extract(file('x.docx', bytes)).then(
        (read) => read.kind,
        (error: unknown) => (error as { code?: string }).code,
      );
      expect(['docx', 'DocumentError']).toContain(outcome);
    }
  });
});
