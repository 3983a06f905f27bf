import { LANES } from "@axial/contracts";
import { expect, test } from "vitest";
import { AdmissionGate } from "../../src/admission/admission-gate.ts";

async function admitted(level: number): Promise<string[]> {
  const gate = new AdmissionGate([{ name: "the disk", read: async () => level }]);
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
  const gate = new AdmissionGate([
    { name: "the database", read: async () => 0.2 },
    { name: "the disk", read: async () => 0.93 },
  ]);
  await expect(gate.admit("backfill")).rejects.toMatchObject({
    code: "too-busy",
    detail: "the disk is 93 % full; lanes still open: stat",
  });
});

test("reads the gauges once a while, and lets in when one cannot be read", async () => {
  let reads = 0;
  const gate = new AdmissionGate([
    {
      name: "broken",
      read: async () => {
        reads += 1;
        throw new Error("no answer");
      },
    },
  ]);
  for (let now = 0; now < 10; now += 1) await gate.admit("backfill", 10_000 + now);
  expect(reads).toBe(1);
  await gate.admit("backfill", 20_000);
  expect(reads).toBe(2);
});
