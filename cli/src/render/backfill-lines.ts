import type { BackfillEstimate, BackfillView } from "@axial/contracts";
import { table } from "../output.ts";

const BARS = "▁▂▃▄▅▆▇█";

/** What a backfill would do. */
export function estimateLines(
  estimate: BackfillEstimate & {
    readonly leftOut?: readonly { readonly code: string; readonly items: number }[];
    readonly unread?: number;
  },
): string[] {
  const { studies, series, instances, bytes, answered, sampled, tasks, refusals } = estimate;
  const { hours, leftOut = [], unread = 0 } = estimate;
  return [
    `${studies} studies, ${series} series, ${instances} instances${bytes === null ? "" : `, ${gigabytes(bytes)}`}`,
    ...(bytes === null
      ? ["  by a sample; tasks and refusals are known once the images are here"]
      : sampled < studies
        ? [`  tasks and refusals by a sample of ${sampled} studies`]
        : []),
    ...(answered === 0 ? [] : [`  ${answered} studies have their answers and are skipped`]),
    ...tasks.map((one) => `  ${one.tasks} tasks of ${one.model}`),
    ...refusals.map(
      (one) => `  ${one.series} series refused by ${one.model ?? "all"}: ${one.code}`,
    ),
    ...leftOut.map((one) => `  ${one.items} files left out: ${one.code}`),
    ...(unread === 0 ? [] : [`  ${unread} addresses are read only when it runs`]),
    bytes === null
      ? "  how long it takes is known once the first of them have run"
      : hours === null
        ? "  no rate is known yet: nothing was predicted in the last day"
        : `  ${hours.toFixed(1)} hours at the rate at which models ran lately`,
  ];
}

/** How a backfill goes. */
export function backfillLines(view: BackfillView): string[] {
  const { items, perMinute, etaSeconds, reasons, slowest, finished } = view;
  const settings = [
    view.window === null ? null : `${view.window} ${view.timeZone}`,
    view.ratePerMinute === null ? null : `at most ${view.ratePerMinute} a minute`,
  ].filter((setting) => setting !== null);
  return [
    `${view.id}  ${view.name}  ${view.state}${settings.length > 0 ? ` (${settings.join(", ")})` : ""}`,
    Object.entries(items)
      .map(([state, count]) => `${count} ${state}`)
      .join(", "),
    `${perMinute.now.toFixed(1)} studies a minute now, ${perMinute.average.toFixed(1)} on average; ` +
      `${eta(etaSeconds)}`,
    `last hour ${sparkline(finished)}`,
    ...reasons.map(({ state, code, items: count }) => `  ${count} ${state}: ${code}`),
    ...(slowest.length === 0
      ? []
      : [
          table(
            slowest.map(({ study, seconds }) => ({
              "slowest studies": study,
              time: `${seconds.toFixed(1)} s`,
            })),
          ),
        ]),
  ];
}

/** A bar for each figure, the largest a full one. */
function sparkline(figures: readonly number[]): string {
  const largest = Math.max(...figures, 1);
  return figures
    .map((figure) => BARS[Math.ceil((figure / largest) * (BARS.length - 1))] ?? BARS[0])
    .join("");
}

function eta(seconds: number | null): string {
  if (seconds === null) return "no end in sight yet";
  if (seconds === 0) return "nothing left";
  return seconds < 5_400
    ? `${Math.ceil(seconds / 60)} minutes left`
    : `${(seconds / 3_600).toFixed(1)} hours left`;
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
