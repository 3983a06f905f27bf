import { createServer } from "node:net";
import type { StudyView } from "@axial/contracts";
import { createLogger } from "@axial/kit";
import type { Command } from "commander";
import { runDemo } from "../demo/demo.ts";
import { writePhantomStudies } from "../demo/phantom-studies.ts";
import { printJson, printLine, table } from "../output.ts";
import { predictionRows } from "../render/prediction-rows.ts";
import { sentLines } from "../render/sent-lines.ts";
import type { SentPaths } from "../send/send-paths.ts";
import { runStack } from "../up/run-stack.ts";
import { type Stack, startStack } from "../up/stack.ts";
import { stackOptions, type UpFlags, withUpFlags } from "../up/stack-options.ts";

interface DemoFlags extends UpFlags {
  readonly once: boolean;
  readonly write?: string;
  readonly json: boolean;
}

export function registerDemo(program: Command): void {
  const command = program
    .command("demo")
    .description("start everything, send studies, print the predictions")
    .argument("[path]", "DICOM files to send instead of generated studies")
    .option("--write <folder>", "only write the generated studies to a folder")
    .option("--once", "stop after the table", false)
    .option("--json", "print one JSON document", false);
  withUpFlags(command).action(demo);
}

async function demo(path: string | undefined, flags: DemoFlags): Promise<void> {
  if (flags.write === undefined) runDemoStack(path, flags);
  else await writePhantomStudies(flags.write);
}

function runDemoStack(path: string | undefined, flags: DemoFlags): void {
  const environment = { AXIAL_LOG_LEVEL: "warn", ...process.env };
  const options = stackOptions(flags, environment);
  const logger = createLogger({ service: "axial", level: options.logLevel, destination: 2 });
  runStack(logger, async (shutdown) => {
    const port = await portOrAny(options.host, options.port);
    const stack = await startStack({ ...options, port }, logger, shutdown);
    const { sent, studies } = await runDemo({ url: stack.url, key: stack.key }, path);
    if (flags.json) printJson({ url: stack.url, ...sent, results: studies });
    else printDemo(sent, studies);
    if (!sent.complete) process.exitCode = 1;
    if (flags.once) return "done";
    if (!flags.json) invite(stack);
    return undefined;
  });
}

function printDemo(sent: SentPaths, studies: readonly StudyView[]): void {
  if (!sent.complete || sent.listed.length > 0) {
    for (const line of sentLines(sent)) printLine(line);
  }
  if (studies.length > 0) printLine(table(studies.flatMap(predictionRows)));
  const predictions = studies.flatMap((study) => study.predictions);
  for (const statement of new Set(predictions.map(({ model }) => model.statement))) {
    printLine(`\n${statement}`);
  }
}

function invite({ url, key }: Stack): void {
  printLine(
    `\nconsole  ${url}/console/\nAPI      ${url}/docs\nkey      ${key}\n\nCtrl-C stops it.`,
  );
}

/**
 * `port` when it is free on `host`, else 0 (any): a demo must not fail because the port is taken.
 */
function portOrAny(host: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(0));
    server.listen(port, host, () => server.close(() => resolve(port)));
  });
}
