// How many tokens one submit computes: as many as take about a frame. What a submit costs apart from its tokens (a browser that looks
// for results too seldom, a slow way to the GPU's process) is no reason for fewer, but for more: so the time of a token is taken
// from submits of different sizes, whose latency cancels.

/** A submit's time that is aimed at: about a frame, so that text flows, and a stop is heard within two of them. */
const SUBMIT_MILLISECONDS = 20;
/** No submit is planned to take longer, its latency included: results that come on a timer hide what tokens take. */
const LONGEST_MILLISECONDS = 240;
/** Submits of one size that make its time: few where they take alike, more where results come in clumps. */
const FEW = 2;
const MANY = 8;

export interface AheadPace {
  /** Tokens of the next submit. */
  readonly ahead: number;
  /** So long after the last submit's tokens came those of the next, with the GPU at work all the while. */
  took(tokens: number, milliseconds: number): void;
}

export function aheadPace(mostAhead: number): AheadPace {
  /** Milliseconds of a submit, by its tokens. */
  const times = new Map<number, number>();
  let ahead = 1;
  /** Of submits of the present size, one after another. */
  let window: number[] = [];

  /** Of one token, without what every submit costs; null where only one size is known. */
  function slope(tokens: number): number | null {
    let other: number | undefined;
    for (const size of times.keys()) {
      if (size !== tokens && (other === undefined || Math.abs(size - tokens) > Math.abs(other - tokens))) {
        other = size;
      }
    }
    if (other === undefined) return null;
    return Math.max(0.1, (times.get(tokens)! - times.get(other)!) / (tokens - other));
  }

  function decide(tokens: number, time: number): number {
    const whole = Math.max(0.1, time / tokens);
    const own = Math.min(whole, slope(tokens) ?? whole);
    const latency = Math.max(0, time - own * tokens);
    // While one submit's results are on their way, another's tokens are computed.
    const wanted = Math.max(Math.floor(SUBMIT_MILLISECONDS / own), Math.ceil(latency / own));
    const allowed = Math.min(tokens * 2, mostAhead, Math.floor(LONGEST_MILLISECONDS / whole));
    // Where a token seems slow, it may be the way that is: two at once tell, unless they would take too long if it is not.
    const unsure = times.size === 1 && wanted <= tokens;
    return Math.max(1, Math.min(unsure ? tokens * 2 : wanted, allowed));
  }

  return {
    get ahead() {
      return ahead;
    },
    took(tokens, milliseconds) {
      if (tokens !== ahead) {
        window = []; // submitted before the size changed
        return;
      }
      window.push(milliseconds);
      const alike = Math.max(...window) <= 2 * Math.min(...window);
      if (window.length < (alike ? FEW : MANY)) return;
      const time = window.reduce((sum, each) => sum + each, 0) / window.length;
      times.set(tokens, time);
      window = [];
      ahead = decide(tokens, time);
    },
  };
}
