import type { PatternFeature, SchemaPart } from '../../../form-faults.ts';
import { ofPattern, type FormTexts } from '../form-texts.ts';
import { blank } from '../texts.ts';

const PARTS: Record<SchemaPart, string> = {
  schema: 'um esquema: um objeto, true ou false',
  schemas: 'uma lista de esquemas',
  'schema-map': 'um objeto de esquemas',
  count: 'um número inteiro a partir de 0',
  number: 'um número',
  positive: 'um número maior que 0',
  names: 'uma lista de nomes',
  values: 'uma lista de valores',
  pattern: 'uma expressão regular',
  types: 'um dos tipos do JSON Schema, ou uma lista deles',
  'names-map': 'um objeto de listas de nomes',
  reference: 'um texto',
};
const FEATURES: Record<PatternFeature, string> = {
  syntax: 'não dá para ler o padrão',
  'back-reference': 'volta ao que coincidiu antes',
  'look-behind': 'olha o que vem antes',
  'look-ahead-repeated': 'repete um olhar à frente',
  'repeated-too-often': 'repete vezes demais',
  flags: 'muda opções por dentro',
  'strings-property': 'é uma propriedade de textos inteiros',
  'v-class': 'é uma classe da opção v',
  'too-large': 'junto com os outros limites, o padrão conta longe demais',
  'no-text': 'nenhum texto cumpre o padrão',
};
const UNITS = { items: 'itens', characters: 'caracteres', values: 'valores', patterns: 'padrões' };
const TYPES = { array: 'nenhuma lista', object: 'nenhum objeto' };
const REFER = 'Ponha o que ela nomeia em $defs e escreva “#/$defs/nome”.';
const PATTERN = 'Escreva um padrão sem isso, ou um mais curto.';

export const forms: FormTexts = {
  at: (keyword, pointer) => `“${keyword}” em ${pointer === '' ? 'a raiz' : `“${pointer}”`}`,
  line: (line, column) => `Linha ${line}, coluna ${column}`,
  schema: {
    malformed: ({ expected }) => ({
      what: `não é ${PARTS[expected]}.`,
      todo: `Escreva ${PARTS[expected]}.`,
    }),
    'number-too-large': () => ({ what: 'o número é grande demais.', todo: 'Escreva um menor.' }),
    'half-character': () => ({ what: 'tem meio caractere.', todo: 'Escreva caracteres inteiros.' }),
    'too-large': () => ({
      what: 'junto com os outros limites, conta longe demais.',
      todo: 'Peça menos, ou menos de cada coisa.',
    }),
    contradiction: () => ({ what: 'nenhum valor o cumpre.', todo: 'Tire o que se contradiz.' }),
    'keyword-unknown': () => ({
      what: 'não é uma palavra-chave que uma resposta possa cumprir.',
      todo: 'Tire-a, ou diga isso com as palavras-chave do JSON Schema 2020-12.',
    }),
    'own-address': () => ({ what: 'dá um endereço próprio a uma parte do esquema.', todo: REFER }),
    'type-missing': () => ({
      what: 'está sem um tipo.',
      todo: 'Escreva uma lista de tipos: o que você quer e “null”.',
    }),
    overlapping: () => ({
      what: 'suas alternativas podem valer ao mesmo tempo.',
      todo: 'Escreva “anyOf”, ou dê a cada uma uma propriedade com seu próprio “const”.',
    }),
    'no-opposite': ({ of }) => ({
      what: `“${blank(of, '?')}” não tem um contrário que uma resposta possa cumprir.`,
      todo: 'Diga o que é permitido, não o que é proibido.',
    }),
    'reference-outside': ({ reference }) => ({
      what: `“${blank(reference, '?')}” não está neste esquema.`,
      todo: REFER,
    }),
    'reference-nowhere': ({ reference }) => ({
      what: `“${blank(reference, '?')}” não nomeia nada.`,
      todo: REFER,
    }),
    circular: () => ({
      what: 'a referência anda em círculo.',
      todo: 'Faça com que passe por uma propriedade ou um item.',
    }),
    beside: ({ beside, other }) => ({
      what: `está ao lado de “${beside}”.`,
      todo: `Escreva “${other}” no esquema que nomeia as partes.`,
    }),
    'over-limit': ({ limit, unit }) => ({
      what: `é cumprido até ${limit} ${UNITS[unit]}.`,
      todo: `Peça ${limit} ou menos.`,
    }),
    'names-uncounted': () => ({
      what: 'conta nomes que o esquema não dá.',
      todo: 'Nomeie as propriedades, ou peça uma lista de pares.',
    }),
    pattern: ({ feature, text }) => ({ what: `${ofPattern(FEATURES, feature, text)}.`, todo: PATTERN }),
    'format-unknown': ({ format, known }) => ({
      what: `uma resposta não pode cumprir o formato “${blank(format, '?')}”.`,
      todo: `Escreva um “pattern”, ou um destes: ${known}.`,
    }),
    'multiple-inexact': ({ by, limit }) => ({
      what: `não dá para escrever com exatidão os múltiplos de ${by}.`,
      todo: `Escreva um número inteiro até ${limit}, ou conte em uma unidade menor: centavos, não reais.`,
    }),
  },
  grammar: {
    'escape-unknown': () => ({
      what: 'uma sequência que não é nenhum caractere.',
      todo: 'Escreva o próprio caractere.',
    }),
    'text-open': () => ({ what: 'um texto sem a aspa final.', todo: 'Feche-o.' }),
    'class-open': () => ({ what: 'uma classe sem o colchete final.', todo: 'Feche-a.' }),
    'class-empty': () => ({ what: 'uma classe sem caracteres.', todo: 'Escreva que caracteres ela tem.' }),
    'range-backwards': () => ({ what: 'um intervalo que termina antes de começar.', todo: 'Inverta-o.' }),
    'look-ahead': () => ({
      what: 'um olhar à frente, que não pode ser cumprido.',
      todo: 'Escreva sem isso.',
    }),
    'too-deep': () => ({ what: 'há parênteses demais uns dentro dos outros.', todo: 'Use regras no lugar.' }),
    'bracket-open': () => ({ what: 'um parêntese não se fecha.', todo: 'Feche-o.' }),
    unexpected: ({ sign }) => ({
      what: `“${blank(sign, '?')}” não é esperado aqui.`,
      todo: 'Confira a regra.',
    }),
    'count-unreadable': () => ({
      what: 'não dá para ler uma quantidade.',
      todo: 'Escreva {2}, {2,} ou {2,5}.',
    }),
    'count-too-large': ({ limit }) => ({
      what: `uma quantidade acima de ${limit}.`,
      todo: `Peça ${limit} ou menos.`,
    }),
    'count-backwards': () => ({ what: 'uma quantidade cujo fim é menor que o começo.', todo: 'Inverta-a.' }),
    'rule-expected': () => ({ what: 'espera-se uma regra.', todo: 'Escreva “nome ::= …”.' }),
    'rule-twice': ({ rule }) => ({
      what: `a regra “${blank(rule, '?')}” está duas vezes.`,
      todo: 'Deixe uma.',
    }),
    'rule-missing': ({ rule }) => ({
      what: `não há nenhuma regra “${blank(rule, '?')}”.`,
      todo: 'Escreva-a.',
    }),
    'left-recursive': ({ rule }) => ({
      what: `a regra “${blank(rule, '?')}” começa com ela mesma.`,
      todo: 'Escreva a repetição com * ou +.',
    }),
    endless: () => ({
      what: 'nenhum texto a cumpre: nenhum caminho termina.',
      todo: 'Dê a alguma regra um caminho que termine.',
    }),
    'no-choice': () => ({ what: 'a lista não tem nenhuma opção.', todo: 'Escreva ao menos uma.' }),
    pattern: ({ feature, text }) => ({ what: `${ofPattern(FEATURES, feature, text)}.`, todo: PATTERN }),
  },
  left: {
    'no-fractions': () => 'números com decimais também ficam de fora.',
    'none-of-type': ({ type }) => `não se escreve ${TYPES[type]}, para evitar um.`,
    'at-most': ({ limit, unit }) => `escrevem-se no máximo ${limit} ${UNITS[unit]}.`,
    'counted-as-one': () => 'os nomes que o esquema não dá contam como um.',
    'in-order': () => 'os nomes são escritos na ordem do esquema.',
    'usual-texts': ({ format }) => `só se escrevem os textos usuais do formato “${blank(format, '?')}”.`,
    'integers-of-format': ({ format }) =>
      `só se escrevem números inteiros do formato “${blank(format, '?')}”.`,
    'digits-at-most': ({ limit }) => `números com mais de ${limit} algarismos ficam de fora.`,
    dialect: ({ dialect }) =>
      `não conhecemos “${blank(dialect, '?')}”: o esquema é lido como JSON Schema 2020-12.`,
  },
};
