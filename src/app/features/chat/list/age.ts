// How long ago, in the steps a list is divided by. Days of the person's own calendar, not spans of 24 hours.

export const AGES = ['today', 'yesterday', 'week', 'before'] as const;
export type Age = (typeof AGES)[number];

export function ageOf(time: number, now: number): Age {
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  if (time >= midnight.getTime()) return 'today';
  midnight.setDate(midnight.getDate() - 1);
  if (time >= midnight.getTime()) return 'yesterday';
  midnight.setDate(midnight.getDate() - 6);
  return time >= midnight.getTime() ? 'week' : 'before';
}
