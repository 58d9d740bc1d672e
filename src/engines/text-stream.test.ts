import { describe, expect, it } from 'vitest';
import { createTextStream } from './text-stream.ts';

/** One token a piece of text; what `end` gives is held in the last entry. */
function streamOf(pieces: readonly string[], stops: readonly string[], rest = '') {
  const emitted: string[] = [];
  const decoder = { push: (id: number) => pieces[id] ?? '', end: () => rest };
  const stream = createTextStream(decoder, stops, (text) => emitted.push(text));
  const stoppedAt = pieces.findIndex((_, id) => stream.push(id));
  const stoppedAtEnd = stoppedAt === -1 && stream.end();
  return { emitted, text: stream.text, stoppedAt, stoppedAtEnd };
}

describe('text stream', () => {
  it('emits each piece at once where nothing stops it', () => {
    expect(streamOf(['Hola', '', ', ', 'mundo'], [])).toEqual({
      emitted: ['Hola', ', ', 'mundo'],
      text: 'Hola, mundo',
      stoppedAt: -1,
      stoppedAtEnd: false,
    });
  });

  it('ends before a stop string that several tokens spell', () => {
    const { text, stoppedAt, emitted } = streamOf(['uno #', '#', '# dos'], ['###']);
    expect({ text, stoppedAt }).toEqual({ text: 'uno ', stoppedAt: 2 });
    expect(emitted.join('')).toBe('uno ');
  });

  it('gives back what only looked like a stop string', () => {
    expect(streamOf(['a\n', '\nb\n'], ['\n\nUser']).emitted).toEqual(['a', '\n\nb', '\n']);
  });

  it('takes the earliest of several, the one inside a longer start included', () => {
    expect(streamOf(['xabcy'], ['cy', 'ab']).text).toBe('x');
    expect(streamOf(['x<', 'aab', 'z'], ['<aac', 'ab']).text).toBe('x<a');
  });

  it('finds a stop string in what the decoder held to the end', () => {
    expect(streamOf(['fin '], ['\uFFFD'], '\uFFFD')).toMatchObject({ text: 'fin ', stoppedAtEnd: true });
    expect(streamOf(['fin '], ['zz'], '\uFFFD')).toMatchObject({ text: 'fin \uFFFD', stoppedAtEnd: false });
  });

  it('ignores empty stop strings', () => {
    expect(streamOf(['a', 'b'], ['']).text).toBe('ab');
  });

  it('emits the same text however it is cut', () => {
    const seed = Date.now() >>> 0;
    console.log(`text stream seed ${seed}`);
    let state = seed;
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (let run = 0; run < 300; run++) {
      const text = Array.from({ length: 30 }, () => 'ab#'[random(3)]).join('');
      const stops = [1, 2].map(() => Array.from({ length: 1 + random(4) }, () => 'ab#'[random(3)]).join(''));
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const length = 1 + random(5);
        pieces.push(text.slice(at, at + length));
        at += length;
      }
      const cuts = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
      const whole = cuts.length > 0 ? text.slice(0, Math.min(...cuts)) : text;
      const { text: streamed } = streamOf(pieces, stops);
      // A stop string found later may begin earlier than one that is already complete: the complete one ends the answer.
      if (streamed !== whole) expect(streamed.startsWith(whole), `${text} ${stops.join(' ')}`).toBe(true);
      expect(stops.some((stop) => streamed.includes(stop))).toBe(false);
    }
  });
});
