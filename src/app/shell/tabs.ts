// What the tabs of one browser tell each other: only that something changed, and of open conversations what their list shows.

import type { ConversationNews } from '../../storage/conversations.ts';

export type TabNews =
  /** The vault: to be closed everywhere; made, or deleted; a conversation in it changed. */
  | { kind: 'lock' }
  | { kind: 'vault' }
  | { kind: 'locked'; id: string }
  | { kind: 'settings' }
  | { kind: 'library' }
  | { kind: 'models' }
  | ConversationNews;

export interface Tabs {
  /** The other tabs hear it, this one does not. */
  tell: (news: TabNews) => void;
}

/** @param hear whatever it throws goes to `onError` */
export function openTabs(hear: (news: TabNews) => unknown, onError: (error: unknown) => void): Tabs {
  const channel = new BroadcastChannel('yupana-tabs');
  channel.onmessage = ({ data }: MessageEvent<TabNews>) => {
    Promise.resolve(data).then(hear).catch(onError);
  };
  return { tell: (news) => channel.postMessage(news) };
}
