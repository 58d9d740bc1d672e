// Every rendering of the reference (tests/golden/templates/make.py: Python's jinja2 as transformers sets it up).

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Message } from '../../engine.ts';
import { compileChatTemplate } from '../chat-template.ts';

interface Reference {
  conversations: [Message['role'], string][][];
  /** A rendering of null: the reference refuses the conversation. */
  cases: { template: string; renderings: (string | null)[] }[];
}
const file = path.join(import.meta.dirname, '../../../tests/golden/templates/renderings.json');
const { conversations, cases } = JSON.parse(readFileSync(file, 'utf8')) as Reference;

test.each(cases)('$template', ({ template, renderings }) => {
  const got = conversations.map((conversation, i) => {
    const messages = conversation.map(([role, content]) => ({ role, content }));
    try {
      const render = compileChatTemplate(template, { bos_token: '<s>', eos_token: '</s>' }, 'template');
      return render(messages, { addGenerationPrompt: i % 2 === 0 });
    } catch {
      return null;
    }
  });
  expect(got).toEqual(renderings);
});
