// Whether this worker's own policy keeps it from the network, found out by trying. A host that sends no headers would
// otherwise break the promise in silence.

/**
 * true only where both attempts are refused. The data: URL needs no line, so being offline is not taken for a policy;
 * the own origin would be open under a policy that is too wide.
 */
export async function networkBlocked(
  attempt: (url: string, init: RequestInit) => Promise<unknown>,
  ownUrl: string,
): Promise<boolean> {
  const refused = async (url: string, init: RequestInit): Promise<boolean> => {
    try {
      await attempt(url, init);
      return false;
    } catch {
      return true;
    }
  };
  if (!(await refused('data:text/plain,canary', {}))) return false;
  return refused(ownUrl, { method: 'HEAD', cache: 'no-store' });
}
