import type { PatternFeature, SchemaPart } from '../../../form-faults.ts';
import { ofPattern, type FormTexts } from '../form-texts.ts';
import { blank } from '../texts.ts';

const PARTS: Record<SchemaPart, string> = {
  schema: 'un esquema: un objeto, true o false',
  schemas: 'una lista de esquemas',
  'schema-map': 'un objeto de esquemas',
  count: 'un número entero desde 0',
  number: 'un número',
  positive: 'un número mayor que 0',
  names: 'una lista de nombres',
  values: 'una lista de valores',
  pattern: 'una expresión regular',
  types: 'uno de los tipos de JSON Schema, o una lista de ellos',
  'names-map': 'un objeto de listas de nombres',
  reference: 'un texto',
};
const FEATURES: Record<PatternFeature, string> = {
  syntax: 'el patrón no se puede leer',
  'back-reference': 'vuelve a lo que coincidió antes',
  'look-behind': 'mira lo que está antes',
  'look-ahead-repeated': 'repite una mirada hacia adelante',
  'repeated-too-often': 'se repite demasiadas veces',
  flags: 'cambia opciones por dentro',
  'strings-property': 'es una propiedad de textos enteros',
  'v-class': 'es una clase de la opción v',
  'too-large': 'junto con los otros límites, el patrón cuenta demasiado lejos',
  'no-text': 'ningún texto cumple el patrón',
};
const UNITS = { items: 'elementos', characters: 'caracteres', values: 'valores', patterns: 'patrones' };
const TYPES = { array: 'ninguna lista', object: 'ningún objeto' };
const REFER = 'Pon lo que nombra en $defs y escribe “#/$defs/nombre”.';
const PATTERN = 'Escribe un patrón sin eso, o uno más corto.';

export const forms: FormTexts = {
  at: (keyword, pointer) => `“${keyword}” en ${pointer === '' ? 'la raíz' : `“${pointer}”`}`,
  line: (line, column) => `Línea ${line}, columna ${column}`,
  schema: {
    malformed: ({ expected }) => ({
      what: `no es ${PARTS[expected]}.`,
      todo: `Escribe ${PARTS[expected]}.`,
    }),
    'number-too-large': () => ({ what: 'el número es demasiado grande.', todo: 'Escribe uno menor.' }),
    'half-character': () => ({ what: 'tiene medio carácter.', todo: 'Escribe caracteres enteros.' }),
    'too-large': () => ({
      what: 'junto con los otros límites, cuenta demasiado lejos.',
      todo: 'Pide menos, o menos de cada cosa.',
    }),
    contradiction: () => ({ what: 'ningún valor lo cumple.', todo: 'Quita lo que se contradice.' }),
    'keyword-unknown': () => ({
      what: 'no es una palabra clave que una respuesta pueda cumplir.',
      todo: 'Quítala, o dilo con las palabras clave de JSON Schema 2020-12.',
    }),
    'own-address': () => ({ what: 'da una dirección propia a una parte del esquema.', todo: REFER }),
    'type-missing': () => ({
      what: 'está sin un tipo.',
      todo: 'Escribe una lista de tipos: el que quieres y “null”.',
    }),
    overlapping: () => ({
      what: 'sus alternativas pueden cumplirse a la vez.',
      todo: 'Escribe “anyOf”, o da a cada una una propiedad con su propio “const”.',
    }),
    'no-opposite': ({ of }) => ({
      what: `“${blank(of, '?')}” no tiene un contrario que una respuesta pueda cumplir.`,
      todo: 'Di lo que se permite, no lo que se prohíbe.',
    }),
    'reference-outside': ({ reference }) => ({
      what: `“${blank(reference, '?')}” no está en este esquema.`,
      todo: REFER,
    }),
    'reference-nowhere': ({ reference }) => ({
      what: `“${blank(reference, '?')}” no nombra nada.`,
      todo: REFER,
    }),
    circular: () => ({
      what: 'la referencia da vueltas en círculo.',
      todo: 'Haz que pase por una propiedad o un elemento.',
    }),
    beside: ({ beside, other }) => ({
      what: `está junto a “${beside}”.`,
      todo: `Escribe “${other}” en el esquema que nombra las partes.`,
    }),
    'over-limit': ({ limit, unit }) => ({
      what: `se cumple hasta ${limit} ${UNITS[unit]}.`,
      todo: `Pide ${limit} o menos.`,
    }),
    'names-uncounted': () => ({
      what: 'cuenta nombres que el esquema no da.',
      todo: 'Nombra las propiedades, o pide una lista de pares.',
    }),
    pattern: ({ feature, text }) => ({ what: `${ofPattern(FEATURES, feature, text)}.`, todo: PATTERN }),
    'format-unknown': ({ format, known }) => ({
      what: `una respuesta no puede cumplir el formato “${blank(format, '?')}”.`,
      todo: `Escribe un “pattern”, o uno de estos: ${known}.`,
    }),
    'multiple-inexact': ({ by, limit }) => ({
      what: `los múltiplos de ${by} no se pueden escribir con exactitud.`,
      todo: `Escribe un número entero hasta ${limit}, o cuenta en una unidad menor: centavos, no pesos.`,
    }),
  },
  grammar: {
    'escape-unknown': () => ({
      what: 'una secuencia que no es ningún carácter.',
      todo: 'Escribe el carácter mismo.',
    }),
    'text-open': () => ({ what: 'un texto sin su comilla final.', todo: 'Ciérralo.' }),
    'class-open': () => ({ what: 'una clase sin su corchete final.', todo: 'Ciérrala.' }),
    'class-empty': () => ({ what: 'una clase sin caracteres.', todo: 'Escribe qué caracteres tiene.' }),
    'range-backwards': () => ({ what: 'un rango que termina antes de empezar.', todo: 'Dale la vuelta.' }),
    'look-ahead': () => ({
      what: 'una mirada hacia adelante, que no se puede cumplir.',
      todo: 'Escríbela sin eso.',
    }),
    'too-deep': () => ({
      what: 'hay demasiados paréntesis unos dentro de otros.',
      todo: 'Usa reglas en su lugar.',
    }),
    'bracket-open': () => ({ what: 'un paréntesis no se cierra.', todo: 'Ciérralo.' }),
    unexpected: ({ sign }) => ({
      what: `aquí no se espera “${blank(sign, '?')}”.`,
      todo: 'Revisa la regla.',
    }),
    'count-unreadable': () => ({
      what: 'una cantidad no se puede leer.',
      todo: 'Escribe {2}, {2,} o {2,5}.',
    }),
    'count-too-large': ({ limit }) => ({
      what: `una cantidad mayor que ${limit}.`,
      todo: `Pide ${limit} o menos.`,
    }),
    'count-backwards': () => ({
      what: 'una cantidad cuyo final es menor que su comienzo.',
      todo: 'Dale la vuelta.',
    }),
    'rule-expected': () => ({ what: 'se espera una regla.', todo: 'Escribe “nombre ::= …”.' }),
    'rule-twice': ({ rule }) => ({
      what: `la regla “${blank(rule, '?')}” está dos veces.`,
      todo: 'Deja una.',
    }),
    'rule-missing': ({ rule }) => ({
      what: `no hay ninguna regla “${blank(rule, '?')}”.`,
      todo: 'Escríbela.',
    }),
    'left-recursive': ({ rule }) => ({
      what: `la regla “${blank(rule, '?')}” empieza consigo misma.`,
      todo: 'Escribe la repetición con * o +.',
    }),
    endless: () => ({
      what: 'ningún texto la cumple: ningún camino termina.',
      todo: 'Da a alguna regla un camino que termine.',
    }),
    'no-choice': () => ({ what: 'la lista no tiene ninguna opción.', todo: 'Escribe al menos una.' }),
    pattern: ({ feature, text }) => ({ what: `${ofPattern(FEATURES, feature, text)}.`, todo: PATTERN }),
  },
  left: {
    'no-fractions': () => 'los números con decimales también quedan fuera.',
    'none-of-type': ({ type }) => `no se escribe ${TYPES[type]}, para evitar uno.`,
    'at-most': ({ limit, unit }) => `se escriben ${limit} ${UNITS[unit]} como máximo.`,
    'counted-as-one': () => 'los nombres que el esquema no da cuentan como uno.',
    'in-order': () => 'los nombres se escriben en el orden del esquema.',
    'usual-texts': ({ format }) => `sólo se escriben los textos usuales del formato “${blank(format, '?')}”.`,
    'integers-of-format': ({ format }) =>
      `sólo se escriben números enteros del formato “${blank(format, '?')}”.`,
    'digits-at-most': ({ limit }) => `los números de más de ${limit} cifras quedan fuera.`,
    dialect: ({ dialect }) =>
      `no conocemos “${blank(dialect, '?')}”: el esquema se lee como JSON Schema 2020-12.`,
  },
};
