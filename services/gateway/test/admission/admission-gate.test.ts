import { LANES } from "@axial/contracts";
import { createLogger, createMetrics } from "@axial/kit";
import { expect, test } from "vitest";
import { AdmissionGate, type Gauge } from "../../src/admission/admission-gate.ts";

function gateOf(...gauges: readonly Gauge[]) {
  const metrics = createMetrics("test");
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: "test", destination });
  return { gate: new AdmissionGate(gauges, { metrics, logger }), metrics, lines };
}

const gauge = (what: string, read: () => Promise<number>): Gauge => ({
  name: "g",
  what,
  read: async () => ({ level: await read() }),
});

async function admitted(level: number): Promise<string[]> {
  const gate = gateOf(gauge("the disk", async () => level)).gate;
  const lanes = await Promise.all(
    LANES.map((lane) =>
      gate.admit(lane).then(
        () => [lane],
        () => [],
      ),
    ),
  );
  return lanes.flat();
}

test("the fuller it is, the fewer lanes are let in; STAT longest", async () => {
  expect(await admitted(0.5)).toEqual(["stat", "routine", "backfill"]);
  expect(await admitted(0.85)).toEqual(["stat", "routine"]);
  expect(await admitted(0.95)).toEqual(["stat"]);
  expect(await admitted(1)).toEqual([]);
});

test("says what is full, and which lanes are open", async () => {
  const { gate } = gateOf(
    gauge("the database", async () => 0.2),
    gauge("the disk", async () => 0.93),
  );
  await expect(gate.admit("backfill")).rejects.toMatchObject({
    code: "too-busy",
    detail: "the disk is 93 % full; lanes still open: stat",
  });
});

test("reads the gauges once a while, and lets in when one cannot be read", async () => {
  let reads = 0;
  const broken = gauge("broken", async () => {
    reads += 1;
    throw new Error("no answer");
  });
  const { gate } = gateOf(broken);
  for (let now = 0; now < 10; now += 1) await gate.admit("backfill", 10_000 + now);
  expect(reads).toBe(1);
  await gate.admit("backfill", 20_000);
  expect(reads).toBe(2);
});

test("tells of a limit well before a lane closes, once, and says which are closed", async () => {
  let level = 0.5;
  const { gate, metrics, lines } = gateOf(gauge("the disk", async () => level));
  let now = Date.now();
  const turn = async (next: number) => {
    level = next;
    now += 10_000;
    await gate.admit("backfill", now).catch(() => {});
    return lines.splice(0).map((line) => JSON.parse(line));
  };
  expect(await turn(0.5)).toEqual([]);
  expect(await turn(0.72)).toMatchObject([{ level: "warn", percent: 72 }]);
  expect(await turn(0.75)).toEqual([]);
  expect(await turn(0.85)).toMatchObject([{ level: "error", open: ["stat", "routine"] }]);
  const text = await metrics.registry.metrics();
  expect(text).toContain('axial_admission_open{lane="backfill",service="test"} 0');
  expect(text).toContain('axial_admission_open{lane="stat",service="test"} 1');
  expect(text).toContain('axial_admission_level{limit="g",service="test"} 0.85');
  expect(text).toContain('axial_admission_refused_total{lane="backfill",service="test"} 1');
  expect(await turn(0.1)).toMatchObject([{ level: "info" }]);
});

test("lists the level of every limit that can be read, with its disk", async () => {
  const disk = { size: 100, free: 25 };
  const { gate } = gateOf(
    { name: "blob-disk", what: "the disk", read: async () => ({ level: 0.75, disk }) },
    gauge("broken", () => Promise.reject(new Error("no answer"))),
    gauge("the database", async () => 0.2),
  );
  expect(await gate.levels()).toEqual([
    { name: "blob-disk", what: "the disk", level: 0.75, disk },
    { name: "g", what: "the database", level: 0.2, disk: null },
  ]);
});
