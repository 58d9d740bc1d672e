import { describe, expect, it } from 'vitest';
import type { Conversation, MessageNode } from '../../../../storage/conversations.ts';
import { cleanTitle, untitledNow } from './suggest-title.ts';

const node = (id: string, parentId: string | null, over: Partial<MessageNode>): MessageNode => ({
  ...{ id, parentId, role: 'user' as const, content: 'x', createdAt: 1 },
  ...over,
});
function conversation(
  over: Partial<Conversation>,
  finishReason: MessageNode['finishReason'] = 'stop',
): Conversation {
  const nodes = {
    q: node('q', null, {}),
    a: node('a', 'q', { role: 'assistant', ...(finishReason ? { finishReason } : {}) }),
  };
  return {
    schema: 1,
    id: 'c',
    title: 'x',
    createdAt: 1,
    updatedAt: 1,
    modelId: 'm',
    currentLeaf: 'a',
    nodes,
    ...over,
  };
}

describe('a title of the model', () => {
  const now = { wanted: true, idle: true };
  it('is asked for after the first whole exchange', () => {
    expect(untitledNow({ ...now, conversation: conversation({}) })).toBe('c');
  });

  it('is not asked for where it is not wanted, the model is at work, or nothing is shown', () => {
    expect(untitledNow({ ...now, wanted: false, conversation: conversation({}) })).toBeNull();
    expect(untitledNow({ ...now, idle: false, conversation: conversation({}) })).toBeNull();
    expect(untitledNow({ ...now, conversation: null })).toBeNull();
  });

  it('never takes the place of a title that somebody gave', () => {
    expect(untitledNow({ ...now, conversation: conversation({ titleBy: 'person' }) })).toBeNull();
    expect(untitledNow({ ...now, conversation: conversation({ titleBy: 'model' }) })).toBeNull();
  });

  it('waits for a whole answer', () => {
    expect(untitledNow({ ...now, conversation: conversation({}, 'abort') })).toBeNull();
    expect(untitledNow({ ...now, conversation: conversation({ currentLeaf: 'q' }) })).toBeNull();
  });

  it('is taken without what models put around it, and only where it looks like one', () => {
    expect(cleanTitle('**Título: “Las capitales de los Andes”.**\nOtra línea')).toBe(
      'Las capitales de los Andes',
    );
    expect(cleanTitle('\n - \n')).toBeNull();
    expect(cleanTitle('a'.repeat(61))).toBeNull();
  });
});
