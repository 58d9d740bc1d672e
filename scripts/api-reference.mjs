// `node scripts/api-reference.mjs`: writes docs/api.md, the library's public API, from the types and comments of src/api themselves.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { root } from './install.mjs';

/** How a module of src/api is imported. @param {string} file */
const entryOf = (file) => {
  const name = path.basename(file, '.ts');
  return name === 'yupana' ? name : `yupana/${name}`;
};
export const REFERENCE = path.join(root, 'docs/api.md');

/** Text of a declaration as a reader needs it: no `export`, no bodies, no private members. @param {ts.Declaration} declaration */
function textOf(declaration) {
  const file = declaration.getSourceFile();
  const whole = (/** @type {ts.Node} */ node) => file.text.slice(node.getStart(), node.end);
  if (ts.isFunctionDeclaration(declaration)) {
    const end = declaration.body?.getStart() ?? declaration.end;
    return `${file.text
      .slice(declaration.getStart(), end)
      .replace(/^export (async )?/, '')
      .trim()};`;
  }
  if (ts.isClassDeclaration(declaration)) {
    const members = declaration.members
      .filter((member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private))
      .map((member) => {
        const doc = file.text.slice(member.getFullStart(), member.getStart()).trim();
        const body = 'body' in member ? /** @type {ts.Node | undefined} */ (member.body) : undefined;
        const text = body ? `${file.text.slice(member.getStart(), body.getStart()).trim()};` : whole(member);
        return `${doc}\n${text}`;
      });
    const head = file.text.slice(declaration.getStart(), declaration.members[0]?.getFullStart());
    return `${head.replace(/^export /, '')}\n${members.join('\n')}\n}`;
  }
  return whole(declaration).replace(/^export /, '');
}

/** @param {ts.Symbol} symbol @param {ts.TypeChecker} checker */
const docOf = (symbol, checker) => {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol
    .getJsDocTags(checker)
    .map(({ name, text: parts }) => {
      const said = ts.displayPartsToString(parts);
      const [, parameter, rest] = /^(\S+)\s+([\s\S]*)$/.exec(said) ?? [];
      return name === 'param' && rest !== undefined ? `- \`${parameter}\`: ${rest}` : `- ${name}: ${said}`;
    })
    .join('\n');
  return [text, tags].filter((part) => part !== '').join('\n\n');
};

/** Types that exported ones are made of and that are exported nowhere. @param {ts.Node} node @param {ts.TypeChecker} checker */
function partsOf(node, checker, /** @type {ReadonlySet<ts.Symbol>} */ known) {
  /** @type {Set<ts.Symbol>} */
  const parts = new Set();
  const visit = (/** @type {ts.Node} */ each) => {
    if (ts.isTypeReferenceNode(each) || ts.isExpressionWithTypeArguments(each)) {
      const name = ts.isTypeReferenceNode(each) ? each.typeName : each.expression;
      const found = checker.getSymbolAtLocation(name);
      const symbol =
        found && found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : (found ?? undefined);
      const file = symbol?.declarations?.[0]?.getSourceFile().fileName ?? '';
      // Failures have a table of their own.
      const ours = file.startsWith(path.join(root, 'src')) && !file.endsWith('/failures.ts');
      if (symbol && ours && !(symbol.flags & ts.SymbolFlags.TypeParameter) && !known.has(symbol))
        parts.add(symbol);
    }
    ts.forEachChild(each, visit);
  };
  visit(node);
  return parts;
}

/** Every reason, its code and the figures that come with it. @param {ts.Program} program */
function reasonTable(program) {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path.join(root, 'src/failures.ts'));
  const exported = checker.getExportsOfModule(
    /** @type {ts.Symbol} */ (checker.getSymbolAtLocation(/** @type {ts.SourceFile} */ (file))),
  );
  const named = (/** @type {string} */ name) => exported.find((symbol) => symbol.name === name);
  const table = named('ERROR_REASONS');
  const details = named('ErrorDetailsOf');
  if (!table?.valueDeclaration || !details)
    throw new Error('src/failures.ts: no ERROR_REASONS, or no details');
  const keys = new Map(
    checker
      .getDeclaredTypeOfSymbol(details)
      .getProperties()
      .map((property) => {
        const declared = /** @type {ts.Declaration} */ (property.declarations?.[0]);
        const type = checker.getTypeOfSymbolAtLocation(property, declared);
        const names = type
          .getProperties()
          .map(({ name, flags }) => `\`${name}${flags & ts.SymbolFlags.Optional ? '?' : ''}\``);
        return [property.name, names.join(', ')];
      }),
  );
  const rows = checker
    .getTypeOfSymbolAtLocation(table, table.valueDeclaration)
    .getProperties()
    .map((reason) => {
      const declared = /** @type {ts.Declaration} */ (reason.declarations?.[0]);
      const code = checker.getTypeOfSymbolAtLocation(reason, declared);
      const value = code.isStringLiteral() ? code.value : checker.typeToString(code);
      return `| \`${reason.name}\` | \`${value}\` | ${keys.get(reason.name) ?? ''} |`;
    });
  return ['| reason | code | details |', '|---|---|---|', ...rows].join('\n');
}

/** The reference as Markdown. */
export function apiReference() {
  const config = ts.readConfigFile(path.join(root, 'src/api/tsconfig.lib.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    config.config,
    ts.sys,
    path.join(root, 'src/api'),
  );
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  const sections = [
    '# The library’s public API',
    'Written from the types by `node scripts/api-reference.mjs`; a test fails where it is out of date. How to use it: [src/api/README.md](../src/api/README.md).',
  ];
  /** @type {Set<ts.Symbol>} */
  const told = new Set();
  const tell = (/** @type {ts.Symbol} */ symbol, /** @type {string} */ mark) => {
    const declarations = symbol.declarations ?? [];
    const doc = docOf(symbol, checker);
    const code = declarations.map(textOf).join('\n\n');
    sections.push(`${mark} ${symbol.name}`, ...(doc ? [doc] : []), `\`\`\`ts\n${code}\n\`\`\``);
    if (symbol.name === 'ErrorReason') sections.push(reasonTable(program));
  };
  for (const source of fileNames.filter((file) => !file.endsWith('.d.ts'))) {
    const module = checker.getSymbolAtLocation(/** @type {ts.SourceFile} */ (program.getSourceFile(source)));
    if (!module) throw new Error(`${source} exports nothing`);
    const symbols = checker
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
    symbols.forEach((symbol) => told.add(symbol));
    const values = symbols.filter(({ flags }) => flags & ts.SymbolFlags.Value);
    const types = symbols.filter(({ flags }) => !(flags & ts.SymbolFlags.Value));
    sections.push(`## \`import … from '${entryOf(source)}'\``);
    for (const symbol of values) tell(symbol, '###');
    for (const symbol of types) tell(symbol, '###');
  }
  const parts = [];
  for (let more = [...told]; more.length > 0;) {
    const found = new Set(
      more.flatMap(({ declarations = [] }) =>
        declarations.flatMap((each) => [...partsOf(signatureOf(each), checker, told)]),
      ),
    );
    more = [...found];
    more.forEach((symbol) => told.add(symbol));
    parts.push(...more);
  }
  if (parts.length > 0) sections.push('## Parts of these types', 'Not imported by name.');
  for (const part of parts) tell(part, '###');
  return `${sections.join('\n\n')}\n`;
}

/** The part of a declaration that callers see. @param {ts.Declaration} declaration @returns {ts.Node} */
function signatureOf(declaration) {
  if (!ts.isFunctionDeclaration(declaration)) return declaration;
  return ts.factory.updateFunctionDeclaration(
    declaration,
    declaration.modifiers,
    declaration.asteriskToken,
    declaration.name,
    declaration.typeParameters,
    declaration.parameters,
    declaration.type,
    undefined,
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(REFERENCE, apiReference());
}
