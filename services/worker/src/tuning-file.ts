import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { ConfigError } from "@axial/kit";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { usableCpus } from "./cpu-quota.ts";

const Count = Type.Integer({ minimum: 1, maximum: 1_024 });

const TuningSchema = Type.Object({
  /** Engine processes per device, and the sessions and their threads in each. */
  engines: Count,
  sessions: Count,
  sessionThreads: Count,
  /** Images of one batch by model id. */
  batchImages: Type.Record(Type.String(), Count),
});
export type Tuning = Static<typeof TuningSchema>;

/** What was measured on each machine: pods of several kinds may share the file. */
const TuningFileSchema = Type.Object({
  schemaVersion: Type.Literal(1),
  machines: Type.Record(Type.String(), TuningSchema),
});
type TuningFile = Static<typeof TuningFileSchema>;

/** Machines of the same key are alike: processor, CPUs that may be used, first provider. */
export function machineKey(provider: string): string {
  const model = cpus()[0]?.model.trim().replace(/\s+/g, " ") ?? "unknown processor";
  return `${model} x ${usableCpus()}, ${provider}`;
}

/**
 * The entry of `machine` in the file that `axial tune` wrote, or null. Throws ConfigError for a
 * malformed file.
 */
export function readTuning(path: string, machine: string): Tuning | null {
  return readFile(path).machines[machine] ?? null;
}

/** Writes the entry of `machine` into the file, creating it if missing; other entries are kept. */
export function writeTuning(path: string, machine: string, tuning: Tuning): void {
  const { machines } = readFile(path);
  const file: TuningFile = { schemaVersion: 1, machines: { ...machines, [machine]: tuning } };
  mkdirSync(dirname(path), { recursive: true });
  const written = `${path}.${process.pid}`;
  writeFileSync(written, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(written, path);
}

function readFile(path: string): TuningFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { schemaVersion: 1, machines: {} };
    throw new ConfigError([`${path} cannot be read: ${code}`]);
  }
  return parse(path, text);
}

function parse(path: string, text: string): TuningFile {
  try {
    const file: unknown = JSON.parse(text);
    if (Value.Check(TuningFileSchema, file)) return file;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ConfigError([`${path} is not a tuning file; \`axial tune\` writes one`]);
}
