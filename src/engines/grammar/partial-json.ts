// What a JSON text that is still being written says so far: objects and lists grow, a string is shown as far as it goes, and a number
// or a word once it is whole.

/** @returns the value so far, or undefined where nothing is known yet. @param text the beginning of a JSON text */
export function partialJson(text: string): unknown {
  const closers: string[] = [];
  let inString = false;
  let escaped = false;
  /** Where the text can be cut so that it is whole once everything open is closed, and what is open there. */
  let safe = 0;
  let open: string[] = [];
  const mark = (end: number): void => {
    safe = end;
    open = [...closers];
  };
  let stringIsValue = false;
  let stringStart = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (inString) {
      if (escaped) escaped = false;
      else if (char === '\\') escaped = true;
      else if (char === '"') {
        inString = false;
        if (stringIsValue) mark(i + 1);
      }
      continue;
    }
    switch (char) {
      case '"': {
        inString = true;
        stringStart = i;
        const before = text.slice(0, i).trimEnd().at(-1);
        stringIsValue = closers.at(-1) !== '}' || before === ':';
        break;
      }
      case '{':
      case '[':
        closers.push(char === '{' ? '}' : ']');
        mark(i + 1);
        break;
      case '}':
      case ']':
        closers.pop();
        mark(i + 1);
        break;
      case ',':
        mark(i);
        break;
      case 'e':
      case 'l':
        if (/(true|false|null)$/.test(text.slice(0, i + 1))) mark(i + 1);
        break;
      default:
    }
  }
  let shown = text.slice(0, safe);
  if (inString && stringIsValue) {
    // Without the escape that is not whole yet.
    const body = text.slice(stringStart).replace(/(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$/, '$1');
    shown = `${text.slice(0, stringStart)}${body}"`;
    open = closers;
  }
  try {
    return JSON.parse(shown + [...open].reverse().join('')) as unknown;
  } catch {
    return undefined;
  }
}
