// What a person's mirror says of itself, asked when it is saved: a mirror that no page may read would only be passed over in silence.

import { MAX_MIRROR_BYTES, MIRROR_FILE, parseMirror, type MirroredModel } from '../format/mirror.ts';
import { parseJson } from '../format/json-file.ts';
import type { Host } from './host.ts';
import { patiently, type LookOptions } from './look.ts';
import { fetchWhole, refusePage } from './whole.ts';

/**
 * @param root address with a slash at its end
 * Throws "host-unreadable" where it lets no page read it, "host-silent" within seconds, "http-status", "manifest-invalid" and
 * "captive-portal" for what is no mirror.
 */
export const lookAtMirror = (host: Host, root: string, options: LookOptions = {}): Promise<MirroredModel[]> =>
  patiently(host, options, async (impatient, signal) => {
    const url = new URL(MIRROR_FILE, root).href;
    const bytes = await fetchWhole(impatient, url, MIRROR_FILE, MAX_MIRROR_BYTES, signal);
    refusePage(bytes, MIRROR_FILE);
    return parseMirror(parseJson(new TextDecoder().decode(bytes), MIRROR_FILE));
  });
