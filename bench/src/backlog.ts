import { rm } from "node:fs/promises";
import { join } from "node:path";
import { startLocalPostgres } from "@axial/local-postgres";
import { Backlog } from "./backlog/backlog.ts";
import { benchFolder } from "./bench-folder.ts";
import { queueKinds, startQueueServer } from "./control/queue-server.ts";
import { type BenchOptions, median, rounded } from "./figures.ts";

const FULL = { sizes: [1_000, 100_000, 1_000_000], rounds: 41, bulkRounds: 5, studies: 1_000 };
const QUICK = { sizes: [1_000, 2_000], rounds: 5, bulkRounds: 1, studies: 20 };
type Amounts = typeof FULL;

/**
 * The cost of dispatching one job (look, lock, take, commit, enqueue) while a quarter of the
 * smallest window is free and a thousand, a hundred thousand and a million tasks wait, each backlog
 * in its own database and queue, alternating; how fast a wide window fills; and how fast the
 * planner adds tasks beside the smallest and the largest backlog.
 */
export async function runBacklog({ quick }: BenchOptions): Promise<object> {
  const amounts = quick ? QUICK : FULL;
  const folder = await benchFolder("backlog");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const [kind = "postgres"] = queueKinds();
  const backlogs: Backlog[] = [];
  try {
    for (const tasks of amounts.sizes) {
      const databaseUrl = await postgres.database(`backlog_${tasks}`);
      const queue = await startQueueServer(kind, postgres, `queue_${tasks}`);
      const options = { tasks, databaseUrl, queue, postgresPid: postgres.pid };
      backlogs.push(await Backlog.open(options));
    }
    return { ...(await measure(backlogs, amounts)), queue: kind };
  } finally {
    for (const backlog of backlogs) await backlog.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(backlogs: readonly Backlog[], amounts: Amounts) {
  const single = backlogs.map((): number[] => []);
  const cpu = backlogs.map(() => 0);
  const bytes = backlogs.map((): number[] => []);
  const bulk = backlogs.map((): number[] => []);
  // The first round of each is a warm-up and is not counted.
  for (let round = 0; round <= amounts.rounds; round++) {
    for (const [index, backlog] of inTurn(backlogs, round)) {
      const { milliseconds, cpuMs, queueBytes } = await backlog.dispatchOne();
      if (round === 0) continue;
      single[index]?.push(milliseconds);
      cpu[index] = (cpu[index] ?? 0) + cpuMs / amounts.rounds;
      bytes[index]?.push(queueBytes);
    }
  }
  for (let round = 0; round < amounts.bulkRounds; round++) {
    for (const [index, backlog] of inTurn(backlogs, round)) {
      bulk[index]?.push(await backlog.dispatchMany());
    }
  }
  const perJob = single.map(median);
  return {
    bench: "backlog",
    ratio: rounded((perJob.at(-1) ?? 0) / (perJob[0] ?? 1), 3),
    /** The same of processor time, for a machine that has other work. */
    cpuRatio: rounded((cpu.at(-1) ?? 0) / (cpu[0] ?? 1), 3),
    queueBytes: Math.max(...bytes.map(median)),
    backlogs: backlogs.map(({ tasks, insertedPerSecond }, index) => ({
      pending: tasks,
      msToDispatchOne: rounded(perJob[index] ?? 0, 2),
      cpuMsToDispatchOne: rounded(cpu[index] ?? 0, 2),
      queueBytes: median(bytes[index] ?? []),
      dispatchedPerSecond: rounded(median(bulk[index] ?? []), 0),
      rowsInsertedPerSecond: rounded(insertedPerSecond, 0),
    })),
    planning: await planning(backlogs, amounts.studies),
    rounds: amounts.rounds,
  };
}

/** All backlogs, with a different one first in each round, so that after-effects hit each alike. */
function inTurn(backlogs: readonly Backlog[], round: number): [number, Backlog][] {
  const entries = [...backlogs.entries()];
  const first = round % entries.length;
  return [...entries.slice(first), ...entries.slice(0, first)];
}

/** Tasks that the planner writes a second beside the smallest backlog and the largest. */
async function planning(backlogs: readonly Backlog[], studies: number) {
  const figures = [];
  for (const backlog of [backlogs.at(0), backlogs.at(-1)]) {
    if (backlog === undefined) continue;
    const { tasks, perSecond, cpuMsPerTask } = await backlog.admit(studies);
    figures.push({
      besides: backlog.tasks,
      tasks,
      tasksPerSecond: rounded(perSecond, 0),
      minutesForAMillion: rounded(1_000_000 / perSecond / 60, 1),
      cpuMsPerTask: {
        gateway: rounded(cpuMsPerTask.gateway, 3),
        postgres: rounded(cpuMsPerTask.postgres, 3),
      },
    });
  }
  return figures;
}
