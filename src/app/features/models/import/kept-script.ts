// The second engine's script, 6 MB that the shell does not hold: fetched when somebody chooses that engine, kept from then on, so
// that it starts without a line. The service worker hands it out with its headers.

export const KEPT_CACHE = 'yupana-second-engine';
export const KEPT_SCRIPT = /\/assets\/engine-web-llm-[^/]*\.js$/;

/** Keeps the script at `url`, and lets go of those of earlier versions. Throws where it cannot be fetched. */
export async function keepScript(url: string): Promise<void> {
  if (!('caches' in globalThis)) return; // on plain http: nothing is kept there
  const cache = await caches.open(KEPT_CACHE);
  const wanted = new URL(url, location.href).href;
  if ((await cache.match(wanted)) === undefined) await cache.add(wanted);
  for (const request of await cache.keys()) if (request.url !== wanted) await cache.delete(request);
}
