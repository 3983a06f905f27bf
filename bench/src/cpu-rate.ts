const ROUND_CPU_MS = 300;
const ROUNDS = 5;

/**
 * Calls per second of this thread's processor time, in the best of some rounds: a busy machine
 * does not spoil it.
 */
export async function cpuRate(work: () => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = threadCpuMs();
    let calls = 0;
    let spent = 0;
    while (spent < ROUND_CPU_MS) {
      await work();
      calls += 1;
      spent = threadCpuMs() - start;
    }
    best = Math.max(best, (calls / spent) * 1_000);
  }
  return Math.round(best);
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
