// Numbers, sizes, times and dates by Intl, in the person's own region where the browser names one.

export type LanguageCode = 'es' | 'pt' | 'en';
export const LANGUAGES: readonly LanguageCode[] = ['es', 'pt', 'en'];

export interface Formats {
  readonly locale: string;
  number(value: number, decimals?: number): string;
  /** 1234567 -> "1,2 MB". Decimal units, as disks and networks are sold in. */
  bytes(value: number): string;
  /** Every byte counted, grouped: "1.234.567". */
  exactBytes(value: number): string;
  /** 0.431 -> "43 %". Rounded down: 100 % is said only when all is done. */
  percent(fraction: number): string;
  /** Seconds in the one or two units that matter. */
  duration(seconds: number): string;
  date(time: number): string;
  dateTime(time: number): string;
  list(names: readonly string[]): string;
  plural(count: number, forms: { one: string; other: string }): string;
}

const FALLBACK: Record<LanguageCode, string> = { es: 'es', pt: 'pt-BR', en: 'en' };

/** The first of the browser's languages that we speak; Spanish where there is none. */
export function languageOf(preferred: readonly string[]): LanguageCode {
  for (const tag of preferred) {
    const found = LANGUAGES.find((code) => tag.toLowerCase().split('-')[0] === code);
    if (found) return found;
  }
  return 'es';
}

/** @param preferred the browser's languages: "es-AR" decides how numbers look in Spanish */
export function createFormats(language: LanguageCode, preferred: readonly string[] = []): Formats {
  const locale = preferred.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? FALLBACK[language];
  const grouped = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, useGrouping: 'always' });
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const plurals = new Intl.PluralRules(locale);
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const unit = (value: number, name: string, decimals: number): string =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: name === 'byte' ? 'long' : 'short',
      maximumFractionDigits: decimals,
    }).format(value);

  return {
    locale,
    number: (value, decimals = 0) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: decimals }).format(value),
    bytes(value) {
      if (value < 1000) return unit(value, 'byte', 0);
      if (value < 999_500) return unit(value / 1e3, 'kilobyte', 0);
      if (value < 999_950_000) return unit(value / 1e6, 'megabyte', value < 9_950_000 ? 2 : 1);
      return unit(value / 1e9, 'gigabyte', 2);
    },
    exactBytes: (value) => grouped.format(value),
    percent: (fraction) => percents.format(Math.floor(Math.min(1, Math.max(0, fraction)) * 100 + 1e-9) / 100),
    duration(seconds) {
      const whole = Math.max(1, Math.round(seconds));
      if (whole < 60) return unit(whole, 'second', 0);
      const minutes = Math.round(whole / 60);
      if (minutes < 60) return unit(minutes, 'minute', 0);
      const rest = minutes % 60;
      const hours = unit(Math.floor(minutes / 60), 'hour', 0);
      return rest === 0 ? hours : `${hours} ${unit(rest, 'minute', 0)}`;
    },
    date: (time) => dates.format(time),
    dateTime: (time) => dateTimes.format(time),
    list: (names) => lists.format(names),
    plural: (count, forms) =>
      (plurals.select(count) === 'one' ? forms.one : forms.other).replace('#', grouped.format(count)),
  };
}
