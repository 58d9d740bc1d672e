// Which response headers each file of the app is served with. Pure data and functions without imports: the build writes
// them as dist/headers.json, the service worker puts them back on cached responses, tests compare both with a real server.

export interface HeaderRule {
  /** Regular expression over the URL's path; the first rule that matches decides. The app may live below any path. */
  pattern: string;
  headers: Record<string, string>;
}

type Policy = Record<string, string>;

/** Ways of a policy that only a response's header can say: a `<meta>` with them is ignored or refused. */
const HEADER_ONLY = ['frame-ancestors', 'sandbox'];

const csp = (policy: Policy): string =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`.trim())
    .join('; ');

const WASM = `'self' 'wasm-unsafe-eval'`;

/** The interface: sees what people write, reaches its own origin only, turns no string into code or markup. */
const DOCUMENT: Policy = {
  'default-src': `'none'`,
  'script-src': `'self'`,
  'style-src': `'self'`,
  'img-src': `'self' data: blob:`,
  'font-src': `'self'`,
  'manifest-src': `'self'`,
  'worker-src': `'self'`,
  'connect-src': `'self'`,
  'base-uri': `'none'`,
  'form-action': `'none'`,
  'frame-ancestors': `'none'`,
  'require-trusted-types-for': `'script'`,
  'trusted-types': 'svelte-trusted-html yupana',
};

/**
 * Sees what people write and the weights: reaches nothing at all. Its script is one file, so that not even an import()
 * of its own origin, whose address could carry a word, need be allowed. It starts no thread, for that would have a policy of its
 * own; the page starts those of the CPU engine, which are served with this one.
 */
const ENGINE_WORKER = csp({
  'default-src': `'none'`,
  'script-src': `'wasm-unsafe-eval'`,
  'worker-src': `'none'`,
  'connect-src': `'none'`,
});

/** Reaches model hosts and mirrors (plain http only on this very machine); never sees a message. */
const DOWNLOAD_WORKER = csp({
  'default-src': `'none'`,
  'script-src': WASM,
  'worker-src': `'none'`,
  'connect-src': `'self' https: http://localhost:* http://127.0.0.1:*`,
});

/** Parses the PDFs people attach: reaches nothing, compiles nothing. */
const PDF_WORKER = csp({
  'default-src': `'none'`,
  'script-src': `'self'`,
  'worker-src': `'none'`,
  'connect-src': `'none'`,
});

const SERVICE_WORKER = csp({ 'default-src': `'none'`, 'script-src': `'self'`, 'connect-src': `'self'` });

/**
 * Everything else: data, chunks and styles that the page or a worker loads under a policy of its own. Opened as a page, a frame or a
 * worker it may do nothing, whatever its name looks like.
 */
const NOTHING = csp({
  'default-src': `'none'`,
  'base-uri': `'none'`,
  'form-action': `'none'`,
  'frame-ancestors': `'none'`,
  sandbox: '',
});

/** What everything carries: isolation (a worker without COEP of its own does not start under it), no sniffing, no referrer. */
const COMMON = {
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

const PERMISSIONS = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'midi',
  'payment',
  'usb',
]
  .map((name) => `${name}=()`)
  // Dictation, where the browser does it on this computer; the page could not send what it hears anywhere.
  .concat('microphone=(self)')
  .join(', ');

/** Names that carry a hash of their content never change; everything else is asked for again. */
const FOREVER = { 'Cache-Control': 'public, max-age=31536000, immutable' };
const ASK_AGAIN = { 'Cache-Control': 'no-cache' };

/** The table, from the most particular rule to "everything else". JSON as it stands. */
export function headerRules(): HeaderRule[] {
  const document = {
    ...COMMON,
    ...ASK_AGAIN,
    'Content-Security-Policy': csp(DOCUMENT),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': PERMISSIONS,
  };
  return [
    {
      pattern: '/assets/engine-[^/]*\\.js$',
      headers: { ...COMMON, ...FOREVER, 'Content-Security-Policy': ENGINE_WORKER },
    },
    {
      pattern: '/assets/download-[^/]*\\.js$',
      headers: { ...COMMON, ...FOREVER, 'Content-Security-Policy': DOWNLOAD_WORKER },
    },
    {
      pattern: '/assets/pdf-thread-[^/]*\\.js$',
      headers: { ...COMMON, ...FOREVER, 'Content-Security-Policy': PDF_WORKER },
    },
    {
      pattern: '/sw\\.js$',
      headers: { ...COMMON, ...ASK_AGAIN, 'Content-Security-Policy': SERVICE_WORKER },
    },
    { pattern: '/assets/', headers: { ...COMMON, ...FOREVER, 'Content-Security-Policy': NOTHING } },
    // A pack's files are a stranger's: never a page.
    { pattern: '/models/', headers: { ...COMMON, ...ASK_AGAIN, 'Content-Security-Policy': NOTHING } },
    { pattern: '(/|\\.html)$', headers: document },
    { pattern: '', headers: { ...COMMON, ...ASK_AGAIN, 'Content-Security-Policy': NOTHING } },
  ];
}

/** The page's policy as a `<meta>` can say it: what holds on a host that sends no headers. */
export const META_POLICY = csp(
  Object.fromEntries(Object.entries(DOCUMENT).filter(([directive]) => !HEADER_ONLY.includes(directive))),
);

/**
 * Letters, digits and marks that need no encoding; no empty and no hidden segment. Another spelling of a name ("%65ngine") would be
 * the same file to a server and another name to the table, so it is no name at all.
 */
const CANONICAL = /^(\/(?!\.)[\w.~!$&'()*+,;=:@-]+)*\/?$/;

/** @param pathname the URL's path as it was sent, still encoded */
export function isCanonical(pathname: string): boolean {
  return pathname.startsWith('/') && CANONICAL.test(pathname);
}

const RULES = headerRules().map(({ pattern, headers }) => ({ match: new RegExp(pattern), headers }));

/** @param pathname the URL's path, e.g. "/" or "/yupana/assets/engine-worker-x1.js" */
export function headersFor(pathname: string): Record<string, string> {
  return RULES.find(({ match }) => match.test(pathname))?.headers ?? {};
}

/**
 * The same response with the table's headers: what the service worker hands out from its cache, so that the policies
 * hold offline and on hosts that send none. A redirected or opaque response comes back as it is.
 */
export function withHeaders(response: Response, pathname: string): Response {
  if (response.type === 'opaque' || response.type === 'opaqueredirect' || response.status === 0) {
    return response;
  }
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(headersFor(pathname))) headers.set(name, value);
  const empty = response.status === 204 || response.status === 205 || response.status === 304;
  return new Response(empty ? null : response.body, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}
