import { parseArgs } from "node:util";

export type Backend = "redis" | "postgres";

export interface ChaosOptions {
  /** How long load and faults go on; starting, settling and auditing come on top. */
  readonly minutes: number;
  /** The same seed draws the same load and the same faults. */
  readonly seed: number;
  readonly backend: Backend;
  readonly json: boolean;
  /** Studies a second that the senders bring. */
  readonly rate: number;
  /** Only these kinds of fault; all of them when empty. */
  readonly only: readonly string[];
  /** The folder with the processes' logs and data stays. */
  readonly keep: boolean;
}

const USAGE =
  "[--minutes 3] [--seed 1] [--backend postgres|redis] [--rate 1] [--only FAULT,…] [--keep] [--json]";

/** The options of a command line; throws with the usage when they make no sense. */
export function readOptions(
  args: readonly string[],
  standard: { command: string; backend: Backend },
): ChaosOptions {
  const usage = `${standard.command} ${USAGE}`;
  const positive = (text: string) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(usage);
    return value;
  };
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "3" },
      seed: { type: "string", default: "1" },
      backend: { type: "string", default: standard.backend },
      rate: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { backend, json, keep } = values;
  if (backend !== "redis" && backend !== "postgres") throw new Error(usage);
  const only = values.only.split(",").filter((kind) => kind !== "");
  return {
    minutes: positive(values.minutes),
    seed: positive(values.seed),
    rate: positive(values.rate),
    backend,
    only,
    keep,
    json,
  };
}
