// A conversation as it is stored: a tree of messages, and what was chosen for it.

import type { FinishReason, Message, SamplerOptions, Usage } from '../engine.ts';

/** A file that came with a message: the words that were read in it, never the file itself. */
export interface Attachment {
  id: string;
  name: string;
  kind: 'text' | 'markdown' | 'csv' | 'pdf' | 'docx';
  /** Of the file. */
  bytes: number;
  /** UTF-16 code units of its text. */
  chars: number;
  /** By pages where the kind has them; null: too long to be kept with the message. */
  content: string | { label: string; text: string }[] | null;
}

/** What of the attached documents stands in the prompt before a message, as it was chosen when it was answered. */
export interface Sources {
  /** Of the frame around the passages. */
  language: 'es' | 'pt' | 'en';
  how: 'whole' | 'ranked' | 'spread';
  /** Of the documents' characters, 0 to 1. */
  share: number;
  /** Ids of the attachments they were chosen from. */
  from: string[];
  passages: { name: string; page: string | null; heading: string | null; text: string }[];
}

/** What the person thought of an answer: stays on this computer. */
export interface Feedback {
  rating: 'up' | 'down';
  reasons: string[];
  /** In their own words; '' for none. */
  note: string;
}
/** What a person sets; the rest of SamplerOptions is for programs. */
export type ConversationSampler = Omit<SamplerOptions, 'frequencyPenalty' | 'presencePenalty' | 'logitBias'>;

export interface MessageNode {
  id: string;
  /** null: a first message. Several nodes with one parent are branches of each other. */
  parentId: string | null;
  role: Message['role'];
  content: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Of answers. "abort" too where the page was closed in mid-answer. */
  finishReason?: FinishReason;
  usage?: Usage;
  modelId?: string;
  attachments?: Attachment[];
  sources?: Sources;
  feedback?: Feedback;
  /** Of an answer before which not everything was read any more: the first message that was. */
  readFrom?: string;
}

export const ANSWER_LANGUAGES = ['es', 'pt', 'en'] as const;
export type AnswerLanguage = (typeof ANSWER_LANGUAGES)[number];

export interface Conversation {
  schema: 1;
  id: string;
  title: string;
  createdAt: number;
  updatedAt: number;
  /** System prompt of this conversation; absent: the settings'. */
  system?: string;
  sampler?: Partial<ConversationSampler>;
  /** Name of the persona that `system` was taken from. */
  persona?: string;
  /** The language that answers are asked for in; absent: the model's choice. */
  language?: AnswerLanguage;
  /** What a summary stands for is not read any more: everything up to and with the message `upTo`. */
  summary?: { upTo: string; text: string };
  /** Who gave the title; absent: the first words of the first message did. */
  titleBy?: 'person' | 'model';
  pinned?: boolean;
  archived?: boolean;
  tags?: string[];
  modelId: string;
  /** The node the shown branch ends in; null while empty. */
  currentLeaf: string | null;
  nodes: Record<string, MessageNode>;
}
