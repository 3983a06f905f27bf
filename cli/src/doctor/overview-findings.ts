import type { Overview } from "../client/overview.ts";
import type { Finding } from "./finding.ts";
import { gigabytes } from "./gigabytes.ts";

/** A lane whose oldest task has waited longer has too few workers, in seconds. */
const WAITED_TOO_LONG: Readonly<Record<string, number>> = { stat: 60, routine: 1_800 };
/** Beyond twenty seconds a worker counts as gone. */
const MOST_SKEW_SECONDS = 2;
const NEARLY_FULL = 0.9;
const BACKUP_OLD_MS = 36 * 3_600_000;

/** When the overview was asked for and answered, on this machine's clock. */
interface Moments {
  readonly asked: number;
  readonly answered: number;
}

/** What an operator would see in the overview, as findings. */
export function overviewFindings(overview: Overview, moments: Moments): Finding[] {
  return [
    workers(overview),
    ...overview.lanes.flatMap((lane) => backlog(lane)),
    ...intake(overview),
    queueWrites(overview),
    ...queueMemory(overview),
    clocks(overview, moments),
    versions(overview),
    deadLetters(overview),
    backup(overview, moments),
  ];
}

function workers({ lanes }: Overview): Finding {
  const without = lanes.filter(({ capacity }) => capacity === 0).map(({ lane }) => lane);
  return {
    check: "workers",
    ok: without.length === 0,
    found:
      without.length === 0
        ? lanes.map(({ lane, workers: count }) => `${lane} ${count}`).join(", ")
        : `no worker serves ${without.join(", ")}`,
    action: "start workers, or look at /readyz of those that run",
  };
}

function backlog({ lane, oldestSeconds }: Overview["lanes"][number]): Finding[] {
  const most = WAITED_TOO_LONG[lane];
  if (most === undefined) return [];
  return [
    {
      check: `backlog ${lane}`,
      ok: oldestSeconds <= most,
      found: `oldest task waits ${Math.round(oldestSeconds)} s`,
      action: "more workers for the lane",
    },
  ];
}

/** The service's own limits and disks; only the home tenant's operators see them, as they do lanes. */
function intake({ lanes, intake: levels }: Overview): Finding[] {
  if (lanes.length === 0) return [];
  if (levels.length === 0) {
    const action = "is a gateway running, and does it reach the database?";
    return [{ check: "intake", ok: false, found: "no gateway says how full it is", action }];
  }
  return levels.map(({ what, share, near, closed, disk }) => {
    const room =
      disk === null ? "" : `, ${gigabytes(disk.freeBytes)} free of ${gigabytes(disk.sizeBytes)}`;
    const refused = closed.length === 0 ? "" : `; uploads of ${closed.join(", ")} get 503`;
    return {
      check: `intake, ${what}`,
      ok: !near,
      found: `${Math.round(share * 100)} % of the limit${room}${refused}`,
      action: "more room, or retention (docs/OPERATIONS.md#axiallimitnear)",
    };
  });
}

function queueWrites({ queue: { refuses } }: Overview): Finding {
  return {
    check: "queue",
    ok: refuses === null,
    found: refuses ?? "takes writes",
    action: "READONLY: it is a replica; OOM: raise maxmemory; MISCONF: make room on its disk",
  };
}

function queueMemory({ queue: { memory } }: Overview): Finding[] {
  if (memory === null) return [];
  const { policy, evicts, usedBytes, limitBytes } = memory;
  const share = limitBytes === 0 ? 0 : usedBytes / limitBytes;
  return [
    {
      check: "queue policy",
      ok: !evicts,
      found: policy,
      action: "CONFIG SET maxmemory-policy noeviction, and in the configuration",
    },
    {
      check: "queue memory",
      ok: share < NEARLY_FULL,
      found: limitBytes === 0 ? "no limit" : `${Math.round(share * 100)} % of maxmemory`,
      action: "raise maxmemory; is results running?",
    },
  ];
}

/** The server's clock is compared with the middle of the request. */
function clocks({ at, workers: all }: Overview, { asked, answered }: Moments): Finding {
  const server = (Date.parse(at) - (asked + answered) / 2) / 1_000;
  const skews = [server, ...all.map(({ clockSkewSeconds }) => clockSkewSeconds)];
  const worst = Math.max(...skews.map(Math.abs));
  return {
    check: "clocks",
    ok: worst <= MOST_SKEW_SECONDS + (answered - asked) / 1_000,
    found: `differ by up to ${worst.toFixed(1)} s`,
    action: "mend NTP where they differ",
  };
}

function versions({ version, workers: all }: Overview): Finding {
  const others = new Set(all.map((worker) => worker.version ?? "older"));
  others.delete(version);
  return {
    check: "versions",
    ok: others.size === 0,
    found: others.size === 0 ? version : `${version}, and workers of ${[...others].join(", ")}`,
    action: "end the rollout: workers of one version",
  };
}

function deadLetters({ dead, deadByCode }: Overview): Finding {
  return {
    check: "dead letters",
    ok: dead === 0,
    found: dead === 0 ? "none" : deadByCode.map(({ code, tasks }) => `${code} ${tasks}`).join(", "),
    action: "axial dlq list --by-code; mend the cause; axial dlq replay --code CODE",
  };
}

/** Never is a choice; an old one is a job that stopped. */
function backup({ lastBackup }: Overview, { answered }: Moments): Finding {
  const old = lastBackup !== null && answered - Date.parse(lastBackup) > BACKUP_OLD_MS;
  return { check: "backup", ok: !old, found: lastBackup ?? "never", action: "axial backup" };
}
