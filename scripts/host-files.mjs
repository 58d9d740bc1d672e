// The header table in the words of the servers and hosts that people use: the build writes these files into dist/hosting/.

/** @typedef {{ pattern: string, headers: Record<string, string> }} Rule */

const NOTE = 'Made by the build from its header table (headers.json). Serve dist/ as it is, below any path.';

/** @param {string} text */
const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
/** @param {Rule} rule @param {(name: string, value: string) => string} line */
const lines = ({ headers }, line) => Object.entries(headers).map(([name, value]) => line(name, value));

/** nginx takes the first regular expression that matches its decoded path. @param {readonly Rule[]} rules */
function nginx(rules) {
  const places = rules.map((rule) =>
    [
      `location ~ ${quoted(rule.pattern)} {`,
      ...lines(rule, (name, value) => `  add_header ${name} ${quoted(value)} always;`),
      '}',
    ].join('\n'),
  );
  return `# ${NOTE}
# Include this inside a server { root …/dist; } block. No other location of that block may serve files.
types {
  text/html html; text/css css; text/javascript js mjs; application/json json; application/wasm wasm;
  application/manifest+json webmanifest; image/svg+xml svg; image/png png; font/woff2 woff2; text/plain txt;
}
default_type application/octet-stream;
charset utf-8;
index index.html;
${places.join('\n')}
`;
}

/** Caddy's `handle` blocks exclude each other, in the order written. @param {readonly Rule[]} rules */
function caddy(rules) {
  const places = rules.map((rule, i) =>
    [
      `@yupana${i} path_regexp ${rule.pattern === '' ? '.*' : rule.pattern}`,
      `handle @yupana${i} {`,
      ...lines(rule, (name, value) => `\theader ${name} ${quoted(value)}`),
      '\tfile_server',
      '}',
    ].join('\n'),
  );
  return `# ${NOTE}
# Import this inside a site block after its root:  root * …/dist
${places.join('\n')}
handle_errors {
\theader Content-Security-Policy ${quoted(rules.at(-1)?.headers['Content-Security-Policy'] ?? '')}
\trespond "{err.status_code}"
}
`;
}

/** Apache applies every block that matches, the last one last: the most particular rule comes at the end. @param {readonly Rule[]} rules */
function apache(rules) {
  const places = [...rules]
    .reverse()
    .map((rule) =>
      [
        `<If "%{REQUEST_URI} =~ m#${rule.pattern === '' ? '.*' : rule.pattern}#">`,
        ...lines(rule, (name, value) => `  Header always set ${name} ${quoted(value)}`),
        '</If>',
      ].join('\n'),
    );
  return `# ${NOTE}
# As .htaccess in dist/, where AllowOverride All and mod_headers are on.
DirectoryIndex index.html
Options -Indexes -MultiViews
AddType text/javascript .js
AddType application/wasm .wasm
AddType application/manifest+json .webmanifest
${places.join('\n')}
`;
}

/**
 * `_headers` of static hosts (Netlify, Cloudflare Pages and others). They join the headers of all rules that match, so each file has a
 * rule of its own and no two rules meet.
 * @param {readonly Rule[]} rules @param {readonly string[]} files of dist/, from its root
 */
function underscoreHeaders(rules, files) {
  const headersOf = (/** @type {string} */ name) =>
    rules.find(({ pattern }) => new RegExp(pattern).test(name)) ?? { pattern: '', headers: {} };
  const names = ['/', ...files.map((file) => `/${file}`).sort()];
  const places = names.map((name) =>
    [name, ...lines(headersOf(name), (header, value) => `  ${header}: ${value}`)].join('\n'),
  );
  return `# ${NOTE}\n${places.join('\n')}\n`;
}

/** @param {readonly Rule[]} rules @param {readonly string[]} files @returns {Record<string, string>} name -> text */
export function hostFiles(rules, files) {
  return {
    'nginx.conf': nginx(rules),
    Caddyfile: caddy(rules),
    htaccess: apache(rules),
    _headers: underscoreHeaders(rules, files),
  };
}
