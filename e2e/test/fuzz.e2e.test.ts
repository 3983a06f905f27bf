import { queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzzSystem, TARGETS } from "../src/fuzz/fuzz-system.ts";
import { type System, startSystem } from "../src/system.ts";

/** Enough to see that every target reaches its door; `npm run fuzz -- --minutes 10` is for finding. */
const CASES = 60;

let system: System;
beforeAll(async () => {
  const backend = queueBackends().find(({ skip }) => skip === undefined);
  if (backend === undefined) throw new Error("no queue");
  system = await startSystem(backend, undefined, { services: ["gateway", "results"] });
});
afterAll(() => system?.stop());

it("no door fails, hangs or dies of wrong input", async () => {
  const report = await fuzzSystem(system, { seed: 1, until: (cases) => cases >= CASES });
  expect(report.findings.map(({ target, seed, what }) => ({ target, seed, what }))).toEqual([]);
  expect(report.cases).toBe(CASES * TARGETS.length);
  const ended = Object.keys(report.tally);
  expect(ended).toEqual(expect.arrayContaining(["multipart 400", "json 400", "json 200"]));
  for (const word of ["stow ", "dimse pdu "]) {
    expect(ended.filter((one) => one.startsWith(word)).length).toBeGreaterThan(1);
  }
});
