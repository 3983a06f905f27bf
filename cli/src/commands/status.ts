import { setTimeout as delay } from "node:timers/promises";
import { AxialClient } from "@axial/client";
import type { Command } from "commander";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import type { Overview } from "../client/overview.ts";
import { printJson, printLine } from "../output.ts";
import { statusLines } from "../render/status-lines.ts";

interface StatusOptions extends ConnectionOptions {
  readonly json: boolean;
}

interface TopOptions extends StatusOptions {
  readonly every: number;
  readonly times?: number;
}

/** Clears a terminal and goes to its first line. */
const CLEAR = "\x1b[2J\x1b[H";

export function registerStatus(program: Command): void {
  withConnection(
    program.command("status").description("lanes, workers, dead letters and the queue, once"),
  )
    .option("--json", "print one JSON document", false)
    .action(status);
  withConnection(program.command("top").description("the same, again and again, until Ctrl-C"))
    .option("--every <seconds>", "pause between two looks", Number, 2)
    .option("--times <count>", "end after so many", Number)
    .option("--json", "print a JSON document a line", false)
    .action(top);
}

async function status(options: StatusOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  print(await client.json<Overview>("/api/v1/overview"), options);
}

async function top({ every, times, ...options }: TopOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  for (let look = 1; ; look += 1) {
    const overview = await client.json<Overview>("/api/v1/overview");
    if (!options.json && process.stdout.isTTY === true) process.stdout.write(CLEAR);
    print(overview, options);
    if (look === times) return;
    await delay(every * 1_000);
  }
}

function print(overview: Overview, { json }: StatusOptions): void {
  if (json) printJson(overview);
  else for (const line of statusLines(overview)) printLine(line);
}
