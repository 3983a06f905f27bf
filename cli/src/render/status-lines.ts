import type { Overview } from "../client/overview.ts";
import { gigabytes } from "../doctor/gigabytes.ts";
import { table } from "../output.ts";

/** The minutes whose mean is the rate: the present one is not over. */
const RATE_MINUTES = 5;

/** The installation as text: lanes, workers, rate, dead letters, queue. */
export function statusLines(overview: Overview): string[] {
  const { lanes, outstanding, workers, queue, dead, deadByCode, lastBackup } = overview;
  const of = (lane: string, state: "pending" | "active") =>
    outstanding.filter((row) => row.lane === lane).reduce((sum, row) => sum + row[state], 0);
  return [
    `Axial ${overview.version} at ${overview.at}`,
    "",
    table(
      lanes.map(({ lane, workers: count, capacity, running, oldestSeconds }) => ({
        lane,
        waiting: String(of(lane, "pending")),
        dispatched: String(of(lane, "active")),
        running: String(running),
        oldest: duration(oldestSeconds),
        workers: String(count),
        capacity: String(capacity),
      })),
    ),
    "",
    table(
      workers.map(({ id, pool, provider, capacity, version, clockSkewSeconds }) => ({
        worker: id,
        pool,
        provider,
        capacity: String(capacity),
        version: version ?? "",
        clock: `${clockSkewSeconds.toFixed(1)} s`,
      })),
    ),
    "",
    `${rate(overview)} predictions a minute`,
    `${dead} dead letters${dead === 0 ? "" : `: ${deadByCode.map(({ code, tasks }) => `${code} ${tasks}`).join(", ")}`}`,
    `queue: ${queue.refuses === null ? "takes writes" : `refuses writes: ${queue.refuses}`}`,
    `intake: ${intake(overview)}`,
    `last backup: ${lastBackup ?? "never"}`,
  ];
}

function intake({ intake: levels }: Overview): string {
  const said = levels.map(({ what, share, disk, closed }) => {
    const free = disk === null ? "" : ` (${gigabytes(disk.freeBytes)} free)`;
    const refused = closed.length === 0 ? "" : `, closed to ${closed.join(", ")}`;
    return `${what} ${Math.round(share * 100)} %${free}${refused}`;
  });
  return said.join("; ") || "not known";
}

function rate({ throughput }: Overview): number {
  const over = throughput.slice(-1 - RATE_MINUTES, -1);
  const sum = over.reduce((total, { predictions }) => total + predictions, 0);
  return over.length === 0 ? 0 : Math.round(sum / over.length);
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
