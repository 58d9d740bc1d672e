// Moodle XML: every kind of question, marked up (Moodle's question/format/xml).

import { clozeParts, stemOf, type Item } from './item.ts';

const xml = (text: string): string =>
  text
    // What XML 1.0 has no way to write.
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
/** Text as HTML inside CDATA: what people typed stays what they typed. */
const html = (text: string): string =>
  `<![CDATA[${xml(text).replaceAll('\n', '<br>').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

const answer = (text: string, fraction: number, marked = true): string =>
  `<answer fraction="${fraction}"${marked ? ' format="html"' : ''}><text>${marked ? html(text) : xml(text)}</text></answer>`;

/** Inside a gap's braces these mean something. */
const gapText = (text: string): string => text.replace(/[}#~/"\\]/g, '\\$&');

function body(item: Item): { type: string; text: string; rest: string } {
  const stem = html(stemOf(item));
  const pair = (left: string, right: string): string =>
    `<subquestion format="html"><text>${html(left)}</text><answer><text>${xml(right)}</text></answer></subquestion>`;
  switch (item.kind) {
    case 'choice':
      return {
        type: 'multichoice',
        text: stem,
        rest: `<single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>abc</answernumbering>${answer(item.correct, 100)}${item.wrong.map((text) => answer(text, 0)).join('')}`,
      };
    case 'truefalse':
      // The words must be these, whatever the language.
      return {
        type: 'truefalse',
        text: stem,
        rest: answer('true', item.isTrue ? 100 : 0, false) + answer('false', item.isTrue ? 0 : 100, false),
      };
    case 'short':
      return {
        type: 'shortanswer',
        text: stem,
        rest: `<usecase>0</usecase>${item.answers.map((text) => answer(text, 100, false)).join('')}`,
      };
    case 'numeric':
      return {
        type: 'numerical',
        text: stem,
        rest: `<answer fraction="100"><text>${item.answer}</text><tolerance>${item.tolerance}</tolerance></answer>`,
      };
    case 'matching':
      return {
        type: 'matching',
        text: stem,
        rest: `<shuffleanswers>true</shuffleanswers>${item.pairs.map(({ left, right }) => pair(left, right)).join('')}`,
      };
    case 'ordering':
      return {
        type: 'matching',
        text: stem,
        rest: `<shuffleanswers>true</shuffleanswers>${item.steps.map((step, i) => pair(step, String(i + 1))).join('')}`,
      };
    case 'cloze': {
      const [before, after] = clozeParts(item);
      const gap = `{1:SHORTANSWER:=${gapText(item.gap)}}`;
      return { type: 'cloze', text: html(`${before}${gap}${after}`), rest: '' };
    }
  }
}

export function writeMoodleXml(items: readonly Item[], category?: string): string {
  const head = category
    ? `<question type="category"><category><text>${xml(`$course$/top/${category}`)}</text></category></question>\n`
    : '';
  const questions = items.map((item, i) => {
    const { type, text, rest } = body(item);
    const name = `${i + 1} ${stemOf(item).replace(/\s+/g, ' ').slice(0, 50).trim()}`;
    const feedback = item.feedback
      ? `<generalfeedback format="html"><text>${html(item.feedback)}</text></generalfeedback>`
      : '';
    return `<question type="${type}"><name><text>${xml(name)}</text></name><questiontext format="html"><text>${text}</text></questiontext>${feedback}<defaultgrade>1</defaultgrade><penalty>0.3333333</penalty><idnumber>${xml(item.id)}</idnumber>${rest}</question>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n${head}${questions.join('')}</quiz>\n`;
}
