import { rm } from "node:fs/promises";
import { AxialClient } from "@axial/client";
import { LANES } from "@axial/contracts";
import { type Command, Option } from "commander";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { predictionRows } from "../render/prediction-rows.ts";
import { sentLines } from "../render/sent-lines.ts";
import { journalFile } from "../send/journal-file.ts";
import { DEFAULT_PATIENCE_SECONDS } from "../send/patience.ts";
import { DEFAULT_PARALLEL, sendPaths } from "../send/send-paths.ts";
import { reportFormat, writeSendReport } from "../send/send-report.ts";

interface SendFlags extends ConnectionOptions {
  readonly lane: string;
  readonly models?: string;
  readonly keepOpen: boolean;
  readonly wait?: number;
  readonly report?: string;
  readonly journal?: string;
  readonly afresh: boolean;
  readonly parallel: number;
  readonly patience: number;
  readonly json: boolean;
}

export function registerSend(program: Command): void {
  const command = program
    .command("send")
    .description("send DICOM files, folders and archives, then close their studies")
    .argument("<path...>")
    .addOption(new Option("--lane <lane>", "how urgent").choices([...LANES]).default("routine"))
    .option("--models <ids>", "only these models, separated by commas")
    .option("--keep-open", "do not close the studies: more instances follow", false)
    .option("--wait <seconds>", "wait for the predictions and print them", Number)
    .option("--report <file>", "every file and study with its outcome, as .csv or .ndjson")
    .option("--journal <file>", "where it is kept how far it got (default: by server and paths)")
    .option("--afresh", "forget what the journal says of these paths", false)
    .option("--parallel <count>", "requests at once", Number, DEFAULT_PARALLEL)
    .option(
      "--patience <seconds>",
      "how long the server may be away",
      Number,
      DEFAULT_PATIENCE_SECONDS,
    )
    .option("--json", "print one JSON document", false);
  withConnection(command).action(send);
}

async function send(paths: string[], flags: SendFlags): Promise<void> {
  const { report } = flags;
  if (report !== undefined) reportFormat(report);
  const connection = connectionFrom(flags);
  const client = new AxialClient(connection);
  const journal = flags.journal ?? journalFile(connection, paths);
  if (flags.afresh) await rm(journal, { force: true });
  const sent = await sendPaths(connection, paths, {
    lane: flags.lane,
    models: flags.models?.split(",").map((id) => id.trim()) ?? null,
    close: !flags.keepOpen,
    journal,
    parallel: flags.parallel,
    patienceSeconds: flags.patience,
    ...(report === undefined
      ? {}
      : { report: (kept, unclosed) => writeSendReport(report, kept, unclosed) }),
  });
  const studies =
    flags.wait === undefined
      ? []
      : await Promise.all(sent.studies.map((uid) => client.studies.wait(uid, flags.wait ?? 0)));
  if (flags.json) printJson({ ...sent, results: studies });
  else {
    for (const line of sentLines(sent)) printLine(line);
    if (studies.length > 0) printLine(table(studies.flatMap(predictionRows)));
  }
  if (!sent.complete) process.exitCode = 1;
}
