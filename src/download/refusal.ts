// What a host means by refusing. Hubs say it in X-Error-Code; where that is hidden, the status and the place it came from tell.
// https://github.com/huggingface/huggingface_hub (hf_raise_for_status): GatedRepo, RepoNotFound, RevisionNotFound, EntryNotFound.

import { EngineError } from '../failures.ts';

/** Statuses that ask for patience, or speak of the range or the law, whoever sends them. */
const NOT_OF_ACCESS: ReadonlySet<number> = new Set([408, 416, 425, 429, 451]);

/**
 * Undefined where it is no refusal of this kind. "access-needed": conditions to accept, or nobody said who asks.
 * "access-refused": this token is not good, or not for this. "repository-missing", "repository-disabled", "revision-missing".
 * "delivery-refused": the hub gave an address elsewhere, and the server there did not take it.
 * @param url what was asked for; the response tells where redirects led
 * @param identified a token went along
 */
export function refusal(
  response: Response,
  file: string,
  url: string,
  identified: boolean,
): EngineError | undefined {
  const { status, headers } = response;
  if (status < 400 || status >= 500 || NOT_OF_ACCESS.has(status)) return undefined;
  const at = new URL(response.url || url);
  const host = at.hostname;
  const code = headers.get('x-error-code');
  const words = headers.get('x-error-message') ?? '';
  const details = { file, status, host };
  const access = (): EngineError =>
    status === 401 && !identified
      ? new EngineError('access-needed', `${file}: ${host} answered ${status}`, { ...details, identified })
      : new EngineError('access-refused', `${file}: ${host} answered ${status}`, { ...details, identified });

  if (code === 'DisabledRepo' || /\bis disabled\b/i.test(words))
    return new EngineError('repository-disabled', `${file}: ${host} disabled the repository`, details);
  if (/^invalid (?:credentials|token)/i.test(words) && identified) return access();
  switch (code) {
    case 'GatedRepo':
      return identified
        ? access()
        : new EngineError('access-needed', `${file}: ${host} asks for conditions to be accepted`, {
            ...details,
            identified,
          });
    case 'RepoNotFound':
      return new EngineError('repository-missing', `${file}: ${host} shows no such repository`, {
        ...details,
        identified,
      });
    case 'RevisionNotFound':
      return new EngineError('revision-missing', `${file}: ${host} has no such revision`, details);
    case 'EntryNotFound':
      return undefined;
    default:
      // A signed address that expired, a clock that is wrong, a key that was changed: nobody's permission is missing.
      if (at.origin !== new URL(url).origin)
        return new EngineError('delivery-refused', `${file}: ${host} answered ${status}`, details);
      return status === 401 || status === 403 ? access() : undefined;
  }
}

/** Seconds to wait by Retry-After (seconds, or a date by the host's own clock) or RateLimit's reset; undefined where none is asked. */
export function askedPause(headers: Headers, now = Date.now()): number | undefined {
  const told = headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d+(?:\.\d+)?$/.test(told)
    ? Number(told)
    : told === ''
      ? Number(/(?:^|[;,\s])(?:t|reset)=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? NaN)
      : (Date.parse(told) - (Date.parse(headers.get('date') ?? '') || now)) / 1000;
  return seconds > 0 ? seconds : undefined;
}
