import { join, resolve } from "node:path";
import { LANES } from "@axial/contracts";
import { type Command, Option } from "commander";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { printJson, printLine } from "../output.ts";
import { sentLines } from "../render/sent-lines.ts";
import { DEFAULT_PATIENCE_SECONDS } from "../send/patience.ts";
import type { SentPaths } from "../send/send-paths.ts";
import { watchFolder } from "../watch/watch-folder.ts";

interface WatchFlags extends ConnectionOptions {
  readonly lane: string;
  readonly models?: string;
  readonly processed?: string;
  readonly failed?: string;
  readonly delete: boolean;
  readonly settle: number;
  readonly every: number;
  readonly patience: number;
  readonly json: boolean;
}

/** `axial watch`: for sites that only have a share. */
export function registerWatch(program: Command): void {
  const command = program
    .command("watch")
    .description("send what appears in a folder, and move it away once the server has it")
    .argument("<folder>")
    .addOption(new Option("--lane <lane>", "how urgent").choices([...LANES]).default("routine"))
    .option("--models <ids>", "only these models, separated by commas")
    .option("--processed <folder>", "where sent files go (default: processed, in the folder)")
    .option("--failed <folder>", "where the others go (default: failed, in the folder)")
    .option("--delete", "delete what was sent instead of moving it", false)
    .option("--settle <seconds>", "a file is whole once unchanged for so long", Number, 10)
    .option("--every <seconds>", "look so often", Number, 5)
    .option(
      "--patience <seconds>",
      "how long the server may be away before a round is begun again",
      Number,
      DEFAULT_PATIENCE_SECONDS,
    )
    .option("--json", "print a JSON document for each round", false);
  withConnection(command).action(watch);
}

async function watch(given: string, flags: WatchFlags): Promise<void> {
  const folder = resolve(given);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const say = (sent: SentPaths) => {
    if (flags.json) printJson(sent);
    else for (const line of sentLines(sent)) printLine(line);
  };
  await watchFolder(connectionFrom(flags), {
    folder,
    processed: flags.delete ? null : resolve(flags.processed ?? join(folder, "processed")),
    failed: resolve(flags.failed ?? join(folder, "failed")),
    lane: flags.lane,
    models: flags.models?.split(",").map((id) => id.trim()) ?? null,
    settleMs: flags.settle * 1_000,
    everyMs: flags.every * 1_000,
    patienceSeconds: flags.patience,
    signal: stop.signal,
    onRound: say,
    onTrouble: (reason) => process.stderr.write(`${reason}; trying again\n`),
  });
}
