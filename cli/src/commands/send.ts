import { LANES } from "@axial/contracts";
import { type Command, Option } from "commander";
import { ApiClient } from "../client/api-client.ts";
import { awaitStudy } from "../client/await-study.ts";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { sendPaths } from "../client/send-paths.ts";
import { printJson, printLine, table } from "../output.ts";
import { predictionRows } from "../render/prediction-rows.ts";
import { sentLines } from "../render/sent-lines.ts";

interface SendOptions extends ConnectionOptions {
  readonly lane: string;
  readonly keepOpen: boolean;
  readonly wait?: number;
  readonly json: boolean;
}

export function registerSend(program: Command): void {
  const command = program
    .command("send")
    .description("send DICOM files or folders, then close their studies")
    .argument("<path...>")
    .addOption(new Option("--lane <lane>", "how urgent").choices([...LANES]).default("routine"))
    .option("--keep-open", "do not close the studies: more instances follow", false)
    .option("--wait <seconds>", "wait for the predictions and print them", Number)
    .option("--json", "print one JSON document", false);
  withConnection(command).action(send);
}

async function send(paths: string[], options: SendOptions): Promise<void> {
  const connection = connectionFrom(options);
  const client = new ApiClient(connection);
  const sent = await sendPaths(connection, paths, {
    lane: options.lane,
    close: !options.keepOpen,
  });
  const studies =
    options.wait === undefined
      ? []
      : await Promise.all(sent.studies.map((uid) => awaitStudy(client, uid, options.wait ?? 0)));
  if (options.json) printJson({ ...sent, results: studies });
  else {
    for (const line of sentLines(sent)) printLine(line);
    if (studies.length > 0) printLine(table(studies.flatMap(predictionRows)));
  }
  if (sent.stored === 0 || sent.rejected.length > 0) process.exitCode = 1;
}
