import { AxialClient } from "@axial/client";
import type { Command } from "commander";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { predictionRows } from "../render/prediction-rows.ts";
import { isTroubled, troubleLines } from "../render/trouble-lines.ts";

export function registerResult(program: Command): void {
  const command = program
    .command("result")
    .description("show a study's state, predictions, refusals and failures; exits 1 if tasks died")
    .argument("<study-uid>")
    .option("--json", "print one JSON document", false);
  withConnection(command).action(
    async (uid: string, options: ConnectionOptions & { json: boolean }) => {
      const study = await new AxialClient(connectionFrom(options)).studies.get(uid);
      if (options.json) printJson(study);
      else {
        printLine(`${study.study}  ${study.state}  ${study.instances} instances`);
        printLine(table(predictionRows(study)));
        for (const line of troubleLines(study)) printLine(line);
      }
      if (isTroubled(study)) process.exitCode = 1;
    },
  );
}
