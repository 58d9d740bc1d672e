// Suggests what of a text may say who somebody is. Patterns and capital letters, no more: it misses names and takes places
// for people, and the interface says so. The person decides.

export type StrikeKind = 'name' | 'email' | 'phone' | 'id' | 'link' | 'passage';

/** Offsets in UTF-16 code units, `end` excluded. */
export interface Strike {
  start: number;
  end: number;
  kind: StrikeKind;
  /** Suggested by the patterns, or marked by the person. */
  by: 'suggestion' | 'person';
  /** Off: the person decided that it may be given. */
  on: boolean;
}

interface Pattern {
  kind: StrikeKind;
  pattern: RegExp;
  /** Keeps only what is no everyday number. */
  keep?: (text: string) => boolean;
}

const digits = (text: string): number => text.match(/\d/g)?.length ?? 0;
/** "1914-1918", "2024-05-12": history lessons are full of them. */
const isDate = (text: string): boolean =>
  /^[12]\d{3}\s?[-–]\s?[12]\d{3}$/.test(text) || /^[12]\d{3}[-.][01]\d[-.][0-3]\d$/.test(text);

/** In this order: what an earlier pattern took, a later one leaves. */
const PATTERNS: readonly Pattern[] = [
  {
    kind: 'email',
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
  },
  { kind: 'link', pattern: /\b(?:https?:\/\/|www\.)[^\s<>"”»)]+/gu },
  { kind: 'link', pattern: /(?<![\p{L}\p{N}_@])@[\p{L}\p{N}_][\p{L}\p{N}_.]{2,}/gu },
  // Identity numbers as they are written: Brazil's CPF, Argentina's CUIT, Chile's RUT, Uruguay's CI, Argentina's DNI; Mexico's CURP.
  { kind: 'id', pattern: /\b\d{3}\.\d{3}\.\d{3}-\d{2}\b/g },
  { kind: 'id', pattern: /\b\d{2}-\d{8}-\d\b/g },
  { kind: 'id', pattern: /\b\d{1,2}\.\d{3}\.\d{3}(?:-[\dkK])?(?!\.?\d)/g },
  { kind: 'id', pattern: /\b\d{7,8}-[\dkK]\b/g },
  { kind: 'id', pattern: /\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d\b/g },
  {
    kind: 'phone',
    pattern: /(?<![\p{L}\p{N}])(?:\+|\(\d)?\d[\d\s().–-]{5,22}\d(?![\p{L}\p{N}])/gu,
    keep: (text) => digits(text) >= 7 && !isDate(text),
  },
  { kind: 'id', pattern: /\b\d{7,}\b/g },
];

const CAPITAL = String.raw`\p{Lu}(?:[\p{Ll}\p{M}'’]+|\.)(?:-?\p{Lu}\p{Ll}+)*`;
const PARTICLE = String.raw`(?:de la|de los|de las|del|de|da|das|do|dos|di|van|von|y|e)`;
const SEQUENCE = new RegExp(
  `(?<![\\p{L}\\p{N}@])${CAPITAL}(?:\\s+(?:${PARTICLE}\\s+)?${CAPITAL}){0,7}`,
  'gu',
);
/** What comes before a name even where nothing is capitalised. */
const CUES =
  /\b(?:me llamo|mi nombre es|se llama(?:ba)?|me dicen|meu nome (?:é|e)|me chamo|(?:ele|ela) se chama|my name is|called)\s+/giu;
/** Directly behind a cue: one word, and those behind it that are capitalised. */
const CUED = new RegExp(`\\p{L}[\\p{L}'’-]+(?:\\s+(?:${PARTICLE}\\s+)?\\p{Lu}[\\p{L}'’-]+){0,5}`, 'uy');

/** Capitalised only because a sentence begins, or because English does; never names. */
const COMMON = new Set(
  `a al algunas algunos ante así aunque ayer bien buenas buenos cada como con cuando de del desde después donde dónde el ella
  ellas ellos en entonces entre era es esa ese eso esta estas este esto estos gracias había hace hasta hay hola hoy la las lo
  los luego mañana me mi mis muchas mucho muy no nosotros nuestra nuestro o para pero por porque primero profe que qué querida
  querido quién quiero se señor señora según si sí sin sobre soy su sus también te tengo todo todos tu tú un una uno usted y
  ya yo estimada estimado cómo cuál explica dame haz escribe resume aos as até boa bom com da das depois do dos e eu ela ele
  elas eles em essa esse esta este está foi há hoje isso já mais meu minha mas muito na não nas no nos num numa obrigada
  obrigado oi olá onde os ou para pela pelo por porque qual quando quem se sem ser seu sua são também tem um uma você
  the i i'm i’m my he she it they we you your this that these those there here a an and but or if in on at for from with
  what when where who why how is are was were do does did can could please thanks thank hello hi dear monday tuesday
  wednesday thursday friday saturday sunday january february march april may june july august september october november
  december`.split(/\s+/),
);

const BLOT = '\0';
/** Characters before a word that can still say whether a sentence begins with it. */
const LOOK_BACK = 40;

const startsSentence = (text: string, at: number): boolean =>
  /(?:^|[\n.!?:;…])[\s"“«'(¿¡*#>\-–—\d.)]*$/u.test(text.slice(Math.max(0, at - LOOK_BACK), at));

type Range = readonly [start: number, end: number];

function cuedNames(text: string): Range[] {
  return [...text.matchAll(CUES)].flatMap((match): Range[] => {
    CUED.lastIndex = match.index + match[0].length;
    const name = CUED.exec(text)?.[0];
    return name === undefined ? [] : [[CUED.lastIndex - name.length, CUED.lastIndex]];
  });
}

function capitalNames(text: string): Range[] {
  const found: Range[] = [];
  for (const match of text.matchAll(SEQUENCE)) {
    let start = match.index;
    let words = match[0];
    let first = startsSentence(text, start);
    // "Hola Juan": the greeting is capitalised by the sentence, the name by itself.
    for (;;) {
      const word = /^\S+\s*/.exec(words)?.[0] ?? '';
      if (word === '' || !COMMON.has(word.trim().toLowerCase())) break;
      start += word.length;
      words = words.slice(word.length);
      first = false;
    }
    if (words !== '' && !(first && !/\s/.test(words))) found.push([start, start + words.length]);
  }
  return found;
}

/** Suggestions, all on, in order, none overlapping another. */
export function suggestStrikes(text: string): Strike[] {
  const strikes: Strike[] = [];
  // What is taken is blotted out, so that the next pattern stops there.
  let left = text;
  const take = (kind: StrikeKind, ranges: readonly Range[]): void => {
    let blotted = '';
    let at = 0;
    for (const [start, end] of ranges) {
      if (end <= start || start < at) continue;
      strikes.push({ start, end, kind, by: 'suggestion', on: true });
      blotted += left.slice(at, start) + BLOT.repeat(end - start);
      at = end;
    }
    left = blotted + left.slice(at);
  };
  for (const { kind, pattern, keep } of PATTERNS) {
    const found = [...left.matchAll(pattern)].map(
      ({ index, 0: match }) => [index, match.replace(/(?<![\s.,;:])[\s.,;:]+$/, '')] as const,
    );
    take(
      kind,
      found
        .filter(([, match]) => !keep || keep(match))
        .map(([index, match]) => [index, index + match.length]),
    );
  }
  take('name', cuedNames(left));
  take('name', capitalNames(left));
  return strikes.sort((a, b) => a.start - b.start);
}

/** Where whole words of `text` are `word`, whatever their case. */
export function occurrences(text: string, word: string): [number, number][] {
  const escaped = word.trim().replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  if (escaped === '') return [];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu');
  return [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}
