import { expect, test } from "vitest";
import { runFuzz } from "../fuzz/fuzz.ts";

/** By hand: `npm run fuzz -- --mutants 1000000 --seed S`. */
const MUTANTS = 20_000;

test("damaged files are read or refused, never crash or hang", { timeout: 300_000 }, async () => {
  const options = { mutants: MUTANTS, seed: 1, threads: 1, shared: false };
  const { findings, tally } = await runFuzz(options);
  expect(findings).toEqual([]);
  const examined = Object.values(tally).reduce((sum, count) => sum + count, 0);
  expect(examined).toBe(MUTANTS);
});
