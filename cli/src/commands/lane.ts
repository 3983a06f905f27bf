import { AxialClient } from "@axial/client";
import { LaneSchema, parseAs } from "@axial/contracts";
import type { Command } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";

interface LaneOptions extends ConnectionOptions {
  readonly json: boolean;
}

interface ChangeOptions extends LaneOptions {
  readonly reason?: string;
}

interface LaneFigures {
  readonly lane: string;
  readonly paused: boolean;
  readonly workers: number;
  readonly capacity: number;
  readonly oldestSeconds: number;
}

export function registerLane(program: Command): void {
  const lane = program.command("lane").description("lanes, and pausing one for all tenants");
  const sub = connectedTo(lane);
  sub("list", "all of them, with workers and the oldest task").action(list);
  sub("pause <lane>", "dispatch nothing of it; what runs is finished")
    .option("--reason <text>", "for the audit")
    .action((name: string, options: ChangeOptions) => change(name, true, options));
  sub("resume <lane>", "dispatch again")
    .option("--reason <text>", "for the audit")
    .action((name: string, options: ChangeOptions) => change(name, false, options));
}

async function list(options: LaneOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const answer = await client.json<{ lanes: LaneFigures[] }>("/api/v1/lanes");
  if (options.json) return printJson(answer);
  const rows = answer.lanes.map(({ lane, paused, workers, capacity, oldestSeconds }) => ({
    lane,
    state: paused ? "paused" : "on",
    workers: String(workers),
    capacity: String(capacity),
    oldest: `${Math.round(oldestSeconds)} s`,
  }));
  printLine(table(rows));
}

async function change(
  name: string,
  paused: boolean,
  { reason, ...options }: ChangeOptions,
): Promise<void> {
  const lane = parseAs(LaneSchema, name);
  await new AxialClient(connectionFrom(options)).request(`/api/v1/lanes/${lane}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ paused, ...(reason === undefined ? {} : { reason }) }),
  });
  if (options.json) printJson({ lane, paused });
  else printLine(`${lane} is ${paused ? "paused" : "on"}`);
}
