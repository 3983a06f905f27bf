/** Days as DICOM writes them (PS3.5 6.2, DA): YYYYMMDD, in UTC where they are now. */

const written = (day: Date): string => day.toISOString().slice(0, 10).replaceAll("-", "");

export function today(): string {
  return written(new Date());
}

/** The day after one. */
export function dayAfter(day: string): string {
  const date = dateOf(day);
  date.setUTCDate(date.getUTCDate() + 1);
  return written(date);
}

/** True for a day that the calendar has. */
export function isDay(day: string): boolean {
  const date = dateOf(day);
  return !Number.isNaN(date.getTime()) && written(date) === day;
}

/** At most `count` days from `from` to `to`, evenly spread, and how many days there are. */
export function spreadDays(
  from: string,
  to: string,
  count: number,
): { readonly days: readonly string[]; readonly total: number } {
  const DAY_MS = 86_400_000;
  const start = dateOf(from).getTime();
  const total = Math.max(0, Math.floor((dateOf(to).getTime() - start) / DAY_MS) + 1);
  const step = Math.max(1, total / count);
  const days: string[] = [];
  for (let at = 0; at < total && days.length < count; at += step) {
    days.push(written(new Date(start + Math.floor(at) * DAY_MS)));
  }
  return { days, total };
}

function dateOf(day: string): Date {
  return new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00Z`);
}
