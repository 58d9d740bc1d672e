// The question put to the search index while it is being typed: the newest one counts.

import type { SearchIndex, SearchResults } from '../../../../storage/search-index.ts';

/** Between two letters of somebody who types: asked once the hand rests. */
const PAUSE_MS = 150;
const LIMIT = 30;

export class Search {
  query = $state('');
  /** null: nothing is asked, or not answered yet. The answer before stays until the next one comes. */
  results = $state.raw<SearchResults | null>(null);
  private readonly index: Pick<SearchIndex, 'search'>;
  private readonly onError: (error: unknown) => void;

  constructor(index: Pick<SearchIndex, 'search'>, onError: (error: unknown) => void) {
    this.index = index;
    this.onError = onError;
  }

  /** @returns takes the question back */
  ask(query: string): () => void {
    const abort = new AbortController();
    if (query.trim() === '') {
      this.results = null;
      return () => undefined;
    }
    const timer = setTimeout(() => void this.run(query, abort.signal), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }

  private async run(query: string, signal: AbortSignal): Promise<void> {
    try {
      const results = await this.index.search(query, { limit: LIMIT, signal });
      if (!signal.aborted) this.results = results;
    } catch (error) {
      if (!signal.aborted) this.onError(error);
    }
  }
}
