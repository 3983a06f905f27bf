import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalPostgres, startLocalPostgres } from "@axial/local-postgres";
import { Backlog } from "./backlog/backlog.ts";
import { type QueueServer, queueKinds, startQueueServer } from "./control/queue-server.ts";
import { type BenchOptions, median, rounded } from "./figures.ts";

const SIZES = [1_000, 100_000, 1_000_000];
const QUICK_SIZES = [100, 1_000];
/** Jobs dispatched one by one, in turns between the backlogs. */
const ROUNDS = 40;
/** Passes that move many, in turns too. */
const BULK_ROUNDS = 5;

/**
 * What it costs to dispatch one job (look, lock, take, commit, put on the queue) while the window
 * has one free place and a thousand, a hundred thousand and a million tasks wait, each backlog in
 * a database of its own, in turns; and how fast the backlog is let into a wide window.
 */
export async function runBacklog({ quick }: BenchOptions): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), "axial-bench-backlog-"));
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const [kind = "postgres"] = queueKinds();
  const queue = await startQueueServer(kind, postgres);
  try {
    const backlogs = await openBacklogs({ postgres, queue, sizes: quick ? QUICK_SIZES : SIZES });
    try {
      return await measure(backlogs, { queue: kind, rounds: quick ? 5 : ROUNDS });
    } finally {
      for (const backlog of backlogs) await backlog.close();
    }
  } finally {
    await queue.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openBacklogs(options: {
  readonly postgres: LocalPostgres;
  readonly queue: QueueServer;
  readonly sizes: readonly number[];
}): Promise<Backlog[]> {
  const backlogs: Backlog[] = [];
  for (const tasks of options.sizes) {
    const databaseUrl = await options.postgres.database(`backlog_${tasks}`);
    backlogs.push(await Backlog.open({ databaseUrl, queueUrl: options.queue.url, tasks }));
  }
  return backlogs;
}

async function measure(
  backlogs: readonly Backlog[],
  { queue, rounds }: { readonly queue: string; readonly rounds: number },
) {
  const single = backlogs.map((): number[] => []);
  const bytes = backlogs.map((): number[] => []);
  const bulk = backlogs.map((): number[] => []);
  // The first turn of each warms it up and counts for nothing.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, backlog] of backlogs.entries()) {
      const { milliseconds, queueBytes } = await backlog.dispatchOne();
      if (round > 0) single[index]?.push(milliseconds);
      bytes[index]?.push(queueBytes);
    }
  }
  for (let round = 0; round < BULK_ROUNDS; round++) {
    for (const [index, backlog] of backlogs.entries()) {
      bulk[index]?.push(await backlog.dispatchMany());
    }
  }
  const perJob = single.map(median);
  const queueBytes = bytes.map((values) => Math.max(...values));
  return {
    bench: "backlog",
    ratio: rounded((perJob.at(-1) ?? 0) / (perJob[0] ?? 1), 3),
    queueBytes: Math.max(...queueBytes),
    backlogs: backlogs.map(({ tasks, insertedPerSecond }, index) => ({
      pending: tasks,
      msToDispatchOne: rounded(perJob[index] ?? 0, 2),
      queueBytes: queueBytes[index],
      admittedPerSecond: rounded(median(bulk[index] ?? []), 0),
      rowsInsertedPerSecond: rounded(insertedPerSecond, 0),
    })),
    rounds,
    queue,
  };
}
