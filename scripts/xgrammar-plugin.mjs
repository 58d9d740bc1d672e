// @mlc-ai/web-xgrammar is a UMD file whose package says that it is a module: as it lies, no bundler and no Node finds its exports.

const NAMES = ['CompiledGrammar', 'Grammar', 'GrammarCompiler', 'GrammarMatcher', 'TokenizerInfo'];

/** @returns {import('vite').Plugin} */
export function xgrammar() {
  return {
    name: 'yupana:xgrammar',
    enforce: 'pre',
    transform(code, id) {
      if (!/@mlc-ai\/web-xgrammar\/lib\/index\.js(\?|$)/.test(id)) return null;
      const head = `
const exports = {};
const module = { exports };
const __filename = '/xgrammar.js';
const __dirname = '/';
const require = (name) => globalThis.process.getBuiltinModule(name);
`;
      // What it would print of its own (build paths of who compiled it) is nobody's: what it throws is told.
      const source = code
        .replace(/\/\/# sourceMappingURL=.*$/m, '')
        .replace(/console\.(log|warn|error)(\.bind\(console\))?/g, '(() => undefined)');
      return { code: `${head}${source}\nexport const { ${NAMES.join(', ')} } = exports;\n`, map: null };
    },
  };
}
