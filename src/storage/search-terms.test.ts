import { describe, expect, it } from 'vitest';
import type { MessageNode } from './conversations.ts';
import { fold, queryTerms, searchConversation } from './search-terms.ts';

const conversation = (title: string, ...contents: string[]) => {
  const nodes: Record<string, MessageNode> = {};
  contents.forEach((content, i) => {
    nodes[`m${i}`] = {
      id: `m${i}`,
      parentId: i === 0 ? null : `m${i - 1}`,
      role: 'user',
      content,
      createdAt: i,
    };
  });
  return { id: 'c', title, updatedAt: 5, nodes };
};

const marked = (found: ReturnType<typeof searchConversation>): string[] =>
  found?.snippet.ranges.map(({ start, end }) => found.snippet.text.slice(start, end)) ?? [];

describe('search terms', () => {
  it('folds case and accents in composed and decomposed form', () => {
    expect(fold('ÑANDÚ Coração')).toBe('nandu coracao');
    expect(fold('e\u0301')).toBe('e');
  });

  it('takes the words of a query, without those that others contain', () => {
    expect(queryTerms('  ¿Qué es la FOTOSÍNTESIS, fotos? ')).toEqual(['fotosintesis', 'que', 'es', 'la']);
    expect(queryTerms('¡¿!? …')).toEqual([]);
  });

  it('marks what matched in the original text', () => {
    const hit = searchConversation(
      conversation('', 'La Educac\u0069o\u0301n p\u00fablica'),
      queryTerms('educacion pub'),
    );
    expect(marked(hit)).toEqual(['Educacio\u0301n', 'púb']);
    expect(hit?.snippet.offset).toBe(3);
  });

  it('cuts long texts around the match and never through a character', () => {
    const text = `${'😀 palabras '.repeat(60)}aguja ${'😀'.repeat(200)}`;
    const hit = searchConversation(conversation('', text), ['aguja']);
    expect(hit?.snippet.text.length).toBeLessThan(200);
    expect(hit?.snippet.text).toMatch(/^….*aguja.*…$/u);
    expect(hit?.snippet.text.isWellFormed()).toBe(true);
    expect(marked(hit)).toEqual(['aguja']);
    expect(hit?.snippet.offset).toBe(text.indexOf('aguja'));
  });

  it('takes time in proportion to the text, whatever it is', { timeout: 60_000 }, () => {
    for (const text of [`a${'\u0301'.repeat(200_000)}`, 'a'.repeat(200_000), 'a '.repeat(100_000)]) {
      const hit = searchConversation(conversation('', text), queryTerms('a aaa'));
      expect((hit?.snippet.text.length ?? 0) < 200).toBe(true);
    }
  });

  it('prefers the title that has all, then the message that has most, then the newest', () => {
    const talk = conversation('Los planetas', 'luna y sol', 'el sol', 'la luna', 'otra luna');
    expect(searchConversation(talk, ['planet'])?.messageId).toBeNull();
    expect(searchConversation(talk, ['luna', 'sol'])?.messageId).toBe('m0');
    expect(searchConversation(talk, ['luna'])?.messageId).toBe('m3');
    expect(searchConversation(talk, ['luna', 'planet'])).not.toBeNull();
    expect(searchConversation(talk, ['luna', 'marte'])).toBeNull();
    expect(searchConversation(talk, ['y'])?.messageId).toBe('m0');
    expect(searchConversation(conversation('yate'), ['y'])).toBeNull();
  });
});
