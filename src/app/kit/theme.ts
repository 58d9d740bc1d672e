// Theme and text size on the document. A mirror in localStorage (settings live in IndexedDB, which answers too late)
// lets the first paint have the right colours.

import type { Settings } from '../../storage/settings.ts';

export type Look = Pick<Settings, 'theme' | 'textSize'>;

const MIRROR = 'yupana-look';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
let current: Look = { theme: 'auto', textSize: 'normal' };

function paint(): void {
  const isDark = current.theme === 'dark' || (current.theme === 'auto' && dark.matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  document.documentElement.dataset.size = current.textSize;
  document
    .querySelector('meta[name="theme-color"]')
    ?.setAttribute('content', getComputedStyle(document.documentElement).getPropertyValue('--paper').trim());
}

/** Paints, and remembers for the next first paint. */
export function applyLook(look: Look): void {
  current = look;
  paint();
  try {
    localStorage.setItem(MIRROR, `${look.theme} ${look.textSize}`);
  } catch {
    // Storage is refused (private windows, policies): the next first paint follows the system.
  }
}

function remembered(): Look {
  try {
    const [theme, textSize] = (localStorage.getItem(MIRROR) ?? '').split(' ');
    return {
      theme: theme === 'dark' || theme === 'light' ? theme : 'auto',
      textSize: textSize === 'small' || textSize === 'large' ? textSize : 'normal',
    };
  } catch {
    return current;
  }
}

export function forgetLook(): void {
  try {
    localStorage.removeItem(MIRROR);
  } catch {
    // Nothing could have been written either.
  }
}

current = remembered();
paint();
dark.addEventListener('change', paint);
