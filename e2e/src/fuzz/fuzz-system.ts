import { Random } from "@axial/dicom/fuzz";
import type { System } from "../system.ts";
import { dimseTarget } from "./dimse-target.ts";
import { jsonTarget } from "./json-target.ts";
import { MemoryWatch, memoryGrowth } from "./memory-watch.ts";
import { multipartTarget } from "./multipart-target.ts";
import { stowTarget } from "./stow-target.ts";
import { FUZZED, HANG_MS, type Target } from "./target.ts";

/** Cases on their way to one target. */
const AT_ONCE = 4;
/** Names of a finding's cases that are kept; one fault is found many times. */
const MAX_FINDINGS = 50;

interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly what: string;
  readonly case: Buffer;
}

export interface SystemFuzzReport {
  readonly findings: readonly Finding[];
  /** How cases ended, by target and ending. */
  readonly tally: Readonly<Record<string, number>>;
  readonly cases: number;
  /** By how much the resident memory of each service grew in the second half, in bytes. */
  readonly growth: Readonly<Record<string, number>>;
}

interface FuzzOptions {
  readonly seed: number;
  /** Ends a target's cases. */
  readonly until: (cases: number) => boolean;
  /** Names of targets; all of them without it. */
  readonly only?: readonly string[];
}

export const TARGETS = ["stow", "multipart", "json", "dimse"] as const;

/**
 * Sends wrong input to every door of a running system. Findings are answers that say that the
 * service failed, missing answers, and processes that died or no longer answer their probes.
 */
export async function fuzzSystem(system: System, options: FuzzOptions): Promise<SystemFuzzReport> {
  const targets: Target[] = [stowTarget, multipartTarget, jsonTarget(), dimseTarget];
  const wanted = options.only ?? TARGETS;
  const findings: Finding[] = [];
  const tally: Record<string, number> = {};
  const memory = new MemoryWatch(system);
  const cases = await Promise.all(
    targets
      .filter(({ name }) => wanted.includes(name))
      .map((target) => sendCases(target, { system, options, findings, tally })),
  );
  await memory.close();
  for (const service of FUZZED) {
    if (await isAlive(system, service)) continue;
    const what = `${service} does not answer its probe`;
    findings.push({ target: service, seed: options.seed, what, case: Buffer.of() });
  }
  const sum = cases.reduce((total, one) => total + one, 0);
  return { findings, tally, cases: sum, growth: memoryGrowth(memory.samples) };
}

interface Run {
  readonly system: System;
  readonly options: FuzzOptions;
  readonly findings: Finding[];
  readonly tally: Record<string, number>;
}

/** Resolves with the number of cases. Each has a seed of its own. */
async function sendCases(target: Target, run: Run): Promise<number> {
  const { system, options, findings, tally } = run;
  let cases = 0;
  const send = async (): Promise<void> => {
    while (!options.until(cases) && findings.length < MAX_FINDINGS) {
      const seed = options.seed + cases;
      cases += 1;
      const ending = await target.send(system, new Random(seed));
      const word = "ended" in ending ? ending.ended : "wrong";
      tally[`${target.name} ${word}`] = (tally[`${target.name} ${word}`] ?? 0) + 1;
      if ("ended" in ending) continue;
      findings.push({ target: target.name, seed, what: ending.wrong, case: ending.case });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  return cases;
}

async function isAlive(system: System, service: (typeof FUZZED)[number]): Promise<boolean> {
  const signal = AbortSignal.timeout(HANG_MS);
  const answer = await fetch(`${system.url[service]}/livez`, { signal }).catch(() => null);
  return answer?.ok ?? false;
}
