import { expect, it } from "vitest";
import type { Overview } from "../src/client/overview.ts";
import { overviewFindings } from "../src/doctor/overview-findings.ts";

const NOW = Date.parse("2026-01-02T03:00:00Z");
const lane = (name: string) => ({
  lane: name,
  workers: 1,
  capacity: 8,
  running: 0,
  oldestSeconds: 0,
});
const worker = { id: "w", pool: "cpu", provider: "cpu", capacity: 8, version: "0.1.0" };

const WELL: Overview = {
  at: new Date(NOW).toISOString(),
  version: "0.1.0",
  lanes: ["stat", "routine", "backfill"].map(lane),
  queue: {
    refuses: null,
    memory: { usedBytes: 1e6, limitBytes: 1e9, policy: "noeviction", evicts: false },
  },
  intake: [
    {
      ...{ what: "the blob store's disk", share: 0.1, near: false, closed: [] },
      disk: { sizeBytes: 100e9, freeBytes: 50e9 },
    },
  ],
  lastBackup: new Date(NOW - 3_600_000).toISOString(),
  outstanding: [],
  workers: [{ ...worker, clockSkewSeconds: -0.1 }],
  throughput: [],
  dead: 0,
  deadByCode: [],
};

const problems = (change: Partial<Overview>): string[] =>
  overviewFindings({ ...WELL, ...change }, { asked: NOW, answered: NOW })
    .filter(({ ok }) => !ok)
    .map(({ check, found }) => `${check}: ${found}`);

it("finds nothing wrong with what is well", () => {
  expect(problems({})).toEqual([]);
});

const memory = { usedBytes: 99, limitBytes: 100, policy: "allkeys-lru", evicts: true };
const TROUBLES: readonly [string, Partial<Overview>, readonly string[]][] = [
  [
    "all workers stopped with STAT studies waiting",
    {
      workers: [],
      lanes: ["stat", "routine", "backfill"].map((name) => ({
        ...{ lane: name, workers: 0, capacity: 0, running: 0 },
        oldestSeconds: name === "stat" ? 900 : 0,
      })),
    },
    ["workers: no worker serves stat, routine, backfill", "backlog stat: oldest task waits 900 s"],
  ],
  [
    "a Redis that is a replica, evicts and is full",
    { queue: { refuses: "READONLY You can't write", memory } },
    [
      "queue: READONLY You can't write",
      "queue policy: allkeys-lru",
      "queue memory: 99 % of maxmemory",
    ],
  ],
  [
    "a wrong clock",
    { workers: [{ ...worker, clockSkewSeconds: -19 }] },
    ["clocks: differ by up to 19.0 s"],
  ],
  [
    "a rollout that stopped midway",
    { workers: [{ ...worker, version: "0.0.9", clockSkewSeconds: 0 }] },
    ["versions: 0.1.0, and workers of 0.0.9"],
  ],
  [
    "dead letters",
    { dead: 120, deadByCode: [{ code: "decode-failed", tasks: 120 }] },
    ["dead letters: decode-failed 120"],
  ],
  [
    "a disk and a database that fill, on the server",
    {
      intake: [
        {
          ...{ what: "the blob store's disk", share: 0.85, near: true, closed: ["backfill"] },
          disk: { sizeBytes: 100e9, freeBytes: 2.35e9 },
        },
        { what: "the database", share: 0.72, near: true, closed: [], disk: null },
      ],
    },
    [
      "intake, the blob store's disk: 85 % of the limit, 2.4 GB free of 100 GB; uploads of backfill get 503",
      "intake, the database: 72 % of the limit",
    ],
  ],
  ["a gateway that is gone", { intake: [] }, ["intake: no gateway says how full it is"]],
  [
    "a backup job that stopped",
    { lastBackup: "2025-12-24T00:00:00Z" },
    ["backup: 2025-12-24T00:00:00Z"],
  ],
];

it.each(TROUBLES)("names %s", (_name, change, expected) => {
  expect(problems(change)).toEqual(expected);
});
