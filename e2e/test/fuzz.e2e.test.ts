import { queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzzSystem, TARGETS } from "../src/fuzz/fuzz-system.ts";
import { FUZZED, UNKNOWN_ROUTE } from "../src/fuzz/target.ts";
import { type System, startSystem } from "../src/system.ts";

/** Enough to see that every target reaches its door; `npm run fuzz -- --minutes 10` is for finding. */
const CASES = 60;

let system: System;
beforeAll(async () => {
  const [backend] = queueBackends();
  if (backend === undefined) throw new Error("no queue");
  system = await startSystem(backend, undefined, { services: FUZZED });
});
afterAll(() => system?.stop());

it("no door fails, hangs or dies of wrong input", async () => {
  const report = await fuzzSystem(system, { seed: 1, until: (cases) => cases >= CASES });
  expect(report.findings.map(({ target, seed, what }) => ({ target, seed, what }))).toEqual([]);
  expect(report.cases).toBe(CASES * TARGETS.length);
  const ended = Object.keys(report.tally);
  expect(ended).toEqual(
    expect.arrayContaining(["multipart 400", "json gateway 400", "json archive 400"]),
  );
  for (const service of FUZZED) {
    const word = `json ${service} `;
    const cases = ended.filter((one) => one.startsWith(word)).map((one) => report.tally[one] ?? 0);
    const all = cases.reduce((sum, one) => sum + one, 0);
    expect(all, service).toBeGreaterThan(CASES / 6);
    expect(report.tally[`${word}200`] ?? 0, service).toBeGreaterThan(0);
    expect((report.tally[`${word}${UNKNOWN_ROUTE}`] ?? 0) / all, service).toBeLessThan(0.05);
  }
  for (const word of ["stow ", "dimse pdu "]) {
    expect(ended.filter((one) => one.startsWith(word)).length).toBeGreaterThan(1);
  }
});
