// An imported conversation: every field checked, and its messages a tree.

import type { Usage } from '../../../../engine.ts';
import {
  ANSWER_LANGUAGES,
  type Attachment,
  type Conversation,
  type ConversationSampler,
  type Feedback,
  type MessageNode,
  type Sources,
} from '../../../../storage/conversations.ts';
import {
  flag,
  id,
  invalid,
  list,
  number,
  object,
  oneOf,
  orNull,
  record,
  text,
  tooLarge,
  type Check,
} from '../../../kit/check.ts';
import {
  MAX_ATTACHMENTS,
  MAX_CONTENT,
  MAX_FILE_BYTES,
  MAX_MODEL_ID,
  MAX_NAME,
  MAX_NODES,
  MAX_NOTE,
  MAX_PAGES,
  MAX_PASSAGES,
  MAX_REASONS,
  MAX_SYSTEM,
  MAX_TAG,
  MAX_TAGS,
  MAX_TIME,
  MAX_TITLE,
} from './limits.ts';

const time = number(0, MAX_TIME);
const tokens = number(0, 1e9);
const seconds = number(0, 1e9);

const usage = object<Usage>({
  promptTokens: tokens,
  reusedTokens: tokens,
  completionTokens: tokens,
  timeToFirstToken: seconds,
  prefillTokensPerSecond: number(0, 1e9),
  decodeTokensPerSecond: number(0, 1e9),
  contextUsed: tokens,
  contextLength: tokens,
});

const pages = list(
  object<{ label: string; text: string }>({ label: text(MAX_NAME), text: text(MAX_CONTENT) }),
  MAX_PAGES,
  'pages',
);
const attachment = object<Attachment>({
  id,
  name: text(MAX_NAME),
  kind: oneOf('text', 'markdown', 'csv', 'pdf', 'docx'),
  bytes: number(0, MAX_FILE_BYTES, true),
  chars: number(0, MAX_CONTENT, true),
  content: (value, at) =>
    value === null ? null : typeof value === 'string' ? text(MAX_CONTENT)(value, at) : pages(value, at),
});
const sources = object<Sources>({
  language: oneOf('es', 'pt', 'en'),
  how: oneOf('whole', 'ranked', 'spread'),
  share: number(0, 1),
  from: list(id, MAX_NODES, 'files'),
  passages: list(
    object<Sources['passages'][number]>({
      name: text(MAX_NAME),
      page: orNull(text(MAX_NAME)),
      heading: orNull(text(MAX_NAME)),
      text: text(MAX_CONTENT),
    }),
    MAX_PASSAGES,
    'entries',
  ),
});
const feedback = object<Feedback>({
  rating: oneOf('up', 'down'),
  reasons: list(text(MAX_NAME), MAX_REASONS, 'entries'),
  note: text(MAX_NOTE),
});

const node = object<MessageNode>(
  {
    id,
    parentId: orNull(id),
    role: oneOf('system', 'user', 'assistant'),
    content: text(MAX_CONTENT),
    createdAt: time,
    finishReason: oneOf('stop', 'length', 'abort'),
    usage,
    modelId: text(MAX_MODEL_ID),
    attachments: list(attachment, MAX_ATTACHMENTS, 'files'),
    sources,
    feedback,
    readFrom: id,
  },
  ['finishReason', 'usage', 'modelId', 'attachments', 'sources', 'feedback', 'readFrom'],
);

const sampler = object<Partial<ConversationSampler>>(
  {
    temperature: number(0, 5),
    topK: number(0, 1_000_000, true),
    topP: number(Number.MIN_VALUE, 1),
    minP: number(0, 0.999_999),
    repetitionPenalty: number(0.1, 10),
    seed: number(0, 0xffff_ffff, true),
  },
  ['temperature', 'topK', 'topP', 'minP', 'repetitionPenalty', 'seed'],
);

/** Every parent there, no message its own ancestor. */
function checkTree(nodes: Readonly<Record<string, MessageNode>>, at: string): void {
  const rooted = new Set<string>();
  for (const start of Object.keys(nodes)) {
    const path = new Set<string>();
    for (let key: string | null = start; key !== null && !rooted.has(key);) {
      if (path.has(key)) throw invalid(`${at}.${key}`, 'a message that is not its own ancestor');
      path.add(key);
      const found: MessageNode | undefined = Object.hasOwn(nodes, key) ? nodes[key] : undefined;
      if (!found) throw invalid(`${at}.${start}.parentId`, 'the id of a message that is there');
      key = found.parentId;
    }
    for (const key of path) rooted.add(key);
  }
}

const nodes: Check<Record<string, MessageNode>> = (value, at) => {
  const entries = Object.entries(record(value, at));
  if (entries.length > MAX_NODES) throw tooLarge('messages', MAX_NODES, at);
  const checked = Object.fromEntries(
    entries.map(([key, each]) => {
      const found = node(each, `${at}.${id(key, at)}`);
      if (found.id !== key) throw invalid(`${at}.${key}.id`, key);
      return [key, found];
    }),
  );
  checkTree(checked, at);
  return checked;
};

const shape = object<Conversation>(
  {
    schema: oneOf(1),
    id,
    title: text(MAX_TITLE),
    createdAt: time,
    updatedAt: time,
    system: text(MAX_SYSTEM),
    persona: text(MAX_TITLE),
    language: oneOf(...ANSWER_LANGUAGES),
    summary: object<{ upTo: string; text: string }>({ upTo: id, text: text(MAX_SYSTEM) }),
    titleBy: oneOf('person', 'model'),
    pinned: flag,
    archived: flag,
    tags: list(text(MAX_TAG), MAX_TAGS, 'entries'),
    sampler,
    modelId: text(MAX_MODEL_ID),
    currentLeaf: orNull(id),
    nodes,
  },
  ['system', 'persona', 'language', 'summary', 'titleBy', 'pinned', 'archived', 'tags', 'sampler'],
);

/** Throws "import-invalid", "import-too-large" with where it is. */
export const checkConversation: Check<Conversation> = (value, at) => {
  const conversation = shape(value, at);
  if (conversation.currentLeaf !== null && !Object.hasOwn(conversation.nodes, conversation.currentLeaf)) {
    throw invalid(`${at}.currentLeaf`, 'the id of a message that is there');
  }
  return conversation;
};
