import { readFile } from "node:fs/promises";
import { AxialClient } from "@axial/client";
import type { StudyView } from "@axial/contracts";
import type { Command } from "commander";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { predictionRows } from "../render/prediction-rows.ts";

interface ImageOptions extends ConnectionOptions {
  readonly model: string;
  readonly wait: number;
  readonly json: boolean;
}

export function registerImage(program: Command): void {
  const command = program
    .command("image")
    .description("classify one PNG, JPEG or DICOM file")
    .argument("<file>")
    .requiredOption("--model <id>", "the model to ask")
    .option("--wait <seconds>", "how long to wait for the prediction", Number, 30)
    .option("--json", "print one JSON document", false);
  withConnection(command).action(image);
}

async function image(file: string, options: ImageOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const accepted = await client.json<{ study: string }>(
    `/api/v1/images?model=${encodeURIComponent(options.model)}`,
    {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: await readFile(file),
    },
  );
  const study: StudyView = await client.studies.wait(accepted.study, options.wait);
  if (options.json) printJson(study);
  else printLine(table(predictionRows(study)));
  if (study.predictions.length === 0) process.exitCode = 1;
}
