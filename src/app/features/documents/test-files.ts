// Makes small files of each kind for tests: the bytes are seen here, not in a fixture nobody can read.

import { strToU8, zipSync, type Zippable } from 'fflate';

const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff);

/**
 * A PDF (ISO 32000-1) with one text line after another on each page, in Helvetica with WinAnsi encoding.
 * @param encrypted adds a standard security handler with keys nobody knows: readers must ask for a password
 */
export function makePdf(pages: readonly (readonly string[])[], encrypted = false): Uint8Array<ArrayBuffer> {
  const escape = (text: string): string => text.replace(/[\\()]/g, '\\$&');
  const objects: string[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  pages.forEach((lines, i) => {
    const stream = `BT /F1 12 Tf 72 720 Td 14 TL ${lines.map((line) => `(${escape(line)}) Tj T*`).join(' ')} ET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    );
  });
  const unknown = `<${'5a'.repeat(32)}>`;
  if (encrypted) objects.push(`<< /Filter /Standard /V 1 /R 2 /O ${unknown} /U ${unknown} /P -44 >>`);
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const at of offsets) file += `${String(at).padStart(10, '0')} 00000 n \n`;
  const encrypt = encrypted ? `/Encrypt ${objects.length} 0 R /ID [<00> <00>]` : '';
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${encrypt} >>\nstartxref\n${table}\n%%EOF\n`;
  return latin1(file);
}

export const WORD_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** @param body what stands between <w:body> and </w:body> */
export function makeDocx(body: string, more: Zippable = {}): Uint8Array<ArrayBuffer> {
  const document = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document ${WORD_NAMESPACE}><w:body>${body}</w:body></w:document>`;
  return new Uint8Array(
    zipSync({ '[Content_Types].xml': strToU8('<Types/>'), 'word/document.xml': strToU8(document), ...more }),
  );
}

export const paragraph = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

export const file = (name: string, ...parts: BlobPart[]): File => new File(parts, name);
