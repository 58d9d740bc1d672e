// What is said of a grammar that cannot be read, in English: for developers.

import type { GrammarFault } from '../../form-faults.ts';
import { patternWords } from './schema/words.ts';

export function grammarWords(fault: GrammarFault): string {
  switch (fault.why) {
    case 'escape-unknown':
      return 'an escape that is no character';
    case 'text-open':
      return 'a text without its closing quote';
    case 'class-open':
      return 'a class without its closing bracket';
    case 'class-empty':
      return 'a class without a character';
    case 'range-backwards':
      return 'a range that ends before it begins';
    case 'look-ahead':
      return 'a look-ahead, which is not held to';
    case 'too-deep':
      return 'brackets nested too deep';
    case 'bracket-open':
      return 'a bracket that is not closed';
    case 'unexpected':
      return `"${fault.sign}" is not expected here`;
    case 'count-unreadable':
      return 'a count that cannot be read: write {2}, {2,} or {2,5}';
    case 'count-too-large':
      return `a count above ${fault.limit}`;
    case 'count-backwards':
      return 'a count whose end is below its beginning';
    case 'rule-expected':
      return 'a rule is expected: name ::= …';
    case 'rule-twice':
      return `the rule "${fault.rule}" is there twice`;
    case 'rule-missing':
      return `there is no rule called "${fault.rule}"`;
    case 'left-recursive':
      return `the rule "${fault.rule}" begins with itself: write the repetition with * or +`;
    case 'endless':
      return 'no text fits it: every way through "root" goes on for ever';
    case 'no-choice':
      return 'a list of choices without a choice';
    case 'pattern':
      return `the pattern: ${patternWords(fault.feature, fault.text)}`;
  }
}
