import { AxialClient } from "@axial/client";
import { type Canary, parseModelRef } from "@axial/contracts";
import type { Command } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine } from "../output.ts";
import { canaryLines } from "../render/canary-lines.ts";

interface CanaryOptions extends ConnectionOptions {
  readonly percent?: number;
  readonly stable?: string;
  readonly json: boolean;
}

const PATH = "/api/v1/canaries";

const ACTIONS = {
  promote: "give the canary to all of the traffic",
  rollback: "take the canary back: all of the traffic gets what the rest had",
  hold: "keep the version in use when a newer one is installed",
  release: "hold no version any more: new work gets the newest",
} as const;

/** `axial canary start|show|list|promote|rollback|hold|release`. */
export function registerCanary(program: Command): void {
  const canary = program
    .command("canary")
    .description("a new model version for a share of traffic");
  const sub = connectedTo(canary);
  sub("start <model@version>", "give it a share of the live studies, or change the share")
    .requiredOption("--percent <number>", "of STAT and routine studies, 1 to 99", Number)
    .option("--stable <version>", "for the rest; what it gets now without it")
    .action(start);
  sub("list", "models whose version in use is chosen").action(list);
  sub("show <model>", "what the canary and the rest of the traffic answered").action(show);
  for (const [name, description] of Object.entries(ACTIONS)) {
    sub(`${name} <model>`, description).action((model: string, options: CanaryOptions) =>
      act(model, name, options),
    );
  }
}

async function start(ref: string, options: CanaryOptions): Promise<void> {
  const { id, version } = parseModelRef(ref);
  if (version === null) throw new Error(`${ref}: name a version, as ${id}@1.2.3`);
  const { percent, stable } = options;
  const client = new AxialClient(connectionFrom(options));
  const canary = await client.json<Canary>(`${PATH}/${encodeURIComponent(id)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ version, percent, ...(stable === undefined ? {} : { stable }) }),
  });
  print([canary], canary, options);
}

async function list(options: CanaryOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const answer = await client.json<{ canaries: Canary[] }>(PATH);
  print(answer.canaries, answer, options);
}

async function show(model: string, options: CanaryOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const canary = await client.json<Canary>(`${PATH}/${encodeURIComponent(model)}`);
  print([canary], canary, options);
}

async function act(model: string, name: string, options: CanaryOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const path = `${PATH}/${encodeURIComponent(model)}/${name}`;
  const ended = await client.post<{ model: string; version: string }>(path);
  if (options.json) printJson(ended);
  else printLine(`all traffic of ${ended.model} gets ${ended.version}`);
}

function print(canaries: readonly Canary[], answer: object, { json }: CanaryOptions): void {
  if (json) {
    printJson(answer);
    return;
  }
  if (canaries.length === 0) printLine("every model runs its newest version");
  for (const line of canaries.flatMap(canaryLines)) printLine(line);
}
