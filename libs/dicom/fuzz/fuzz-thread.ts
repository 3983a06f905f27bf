import { parentPort, workerData } from "node:worker_threads";
import { contradiction } from "./contradiction.ts";
import { corpus } from "./corpus.ts";
import { examine } from "./examine.ts";
import type { FuzzMessage, FuzzTask } from "./fuzz.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** Examines its share of the mutants; `progress` holds the one that is in hand. */
const { first, end, step, seed, shared, progress } = workerData as FuzzTask;
/** Two of three mutants are of generated files, which hold pixels of every kind. */
const made = corpus({ shared: false });
const seeds = corpus({ shared });
const current = new Int32Array(progress);
const send = (message: FuzzMessage) => parentPort?.postMessage(message);
/** Mutants between two reports: what a thread that dies takes with it is not counted. */
const REPORT_EVERY = 500;
let tally = new Map<string, number>();
let unreported = 0;

function report(): void {
  send({ kind: "tally", tally: [...tally] });
  tally = new Map();
  unreported = 0;
}

send({ kind: "begun" });
for (let index = first; index < end; index += step) {
  Atomics.store(current, 0, index);
  const random = new Random(seed ^ Math.imul(index, 0x85eb_ca6b));
  const source = random.pick(random.below(3) > 0 ? made : seeds);
  if (!source) break;
  try {
    const mutant = mutate(source.bytes, random);
    const ending = await examine(mutant);
    const differently = contradiction(mutant);
    if (differently !== null) throw new Error(`dicom-parser reads otherwise: ${differently}`);
    tally.set(ending, (tally.get(ending) ?? 0) + 1);
  } catch (thrown) {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    send({ kind: "finding", index, source: source.name, what });
  }
  unreported += 1;
  if (unreported >= REPORT_EVERY) report();
}
report();
send({ kind: "end" });
