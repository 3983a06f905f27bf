const DAY_MS = 86_400_000;
/** DA, and the date that a DT begins with; `2024.01.02` is an old form of DA (PS3.5 6.2). */
const DATE = /^(\d{4})\.?(\d{2})\.?(\d{2})/;

/**
 * A DA or DT `days` earlier, its time of day and offset as they were. A value that is not a whole date, such as
 * a year alone, is empty: a part of a date cannot be shifted.
 */
export function shiftDate(value: string, days: number): string {
  const [matched, year, month, day] = DATE.exec(value.trim()) ?? [];
  if (matched === undefined) return "";
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const shifted = new Date(time - days * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "");
  return shifted + value.trim().slice(matched.length);
}
