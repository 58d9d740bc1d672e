// The promise, watched: the page's requests while chatting. What the host enforces is found by the engine worker's canary.

export class Privacy {
  /** Requests of this page that began while an answer was being made. */
  requests = $state.raw(0);
  private readonly spans: { from: number; to: number }[] = [];

  /** @returns stops watching */
  watch(): () => void {
    const observer = new PerformanceObserver((list) => {
      const during = list
        .getEntries()
        .filter(({ startTime }) => this.spans.some(({ from, to }) => startTime >= from && startTime <= to));
      if (during.length > 0) this.requests += during.length;
    });
    observer.observe({ type: 'resource' });
    return () => observer.disconnect();
  }

  /** Marks the time of an answer. @returns ends it */
  begin(): () => void {
    const span = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.spans.push(span);
    return () => {
      span.to = performance.now();
    };
  }
}
