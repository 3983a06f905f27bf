import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** cgroup v2, then v1: quota and period in microseconds. */
const V2 = "/sys/fs/cgroup/cpu.max";
const V1 = ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"];

/** Whole CPUs that this process may use: the cgroup's quota, not the host's cores. At least 1. */
export function usableCpus(read: (path: string) => string = readText): number {
  const [quota, period] = read(V2).trim().split(" ");
  const v2 = Number(quota) / Number(period);
  const [v1Quota = 0, v1Period = 0] = V1.map((path) => Number(read(path)));
  const limits = [v2, v1Quota / v1Period].filter((limit) => Number.isFinite(limit) && limit > 0);
  return Math.max(1, Math.floor(Math.min(availableParallelism(), ...limits)));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
