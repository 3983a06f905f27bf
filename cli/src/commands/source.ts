import { AxialClient } from "@axial/client";
import { LANES, type PullView, RETRIEVALS, SOURCE_KINDS, type SourceView } from "@axial/contracts";
import { Argument, type Command, Option } from "commander";
import {
  type ConnectionOptions,
  connectedTo,
  connectionFrom,
  withConnection,
} from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { defined, type TlsOptions, tlsOf, withTls } from "./tls-options.ts";

interface Common extends ConnectionOptions {
  readonly json: boolean;
}

const SOURCES = "/api/v1/sources";
const PULLS = "/api/v1/pulls";

/** `axial source …` and `axial pull`. */
export function registerSource(program: Command): void {
  const source = program
    .command("source")
    .description("archives that studies are pulled from: a PACS, a DICOMweb server");
  const sub = connectedTo(source);
  sub("list", "the tenant's sources").action(list);
  withTls(sub("add", "name an archive"))
    .addArgument(new Argument("<kind>", "how it is spoken to").choices([...SOURCE_KINDS]))
    .argument("<name>", "what you call it")
    .option("--at <url>", "address of a DICOMweb server")
    .option("--authorization <header>", "its Authorization header")
    .option("--host <host>", "host of a PACS")
    .option("--port <port>", "its port", Number)
    .option("--called <title>", "its AE title")
    .option("--calling <title>", "AE title that Axial calls itself")
    .addOption(new Option("--retrieve <how>", "C-GET or C-MOVE").choices([...RETRIEVALS]))
    .option("--move-title <title>", "C-MOVE: title under which it knows Axial's C-STORE port")
    .option("--parallel <count>", "studies pulled at once", Number)
    .action(add);
  sub("check <name>", "does it answer?").action(check);
  sub("remove <name>", "forget it with its pulls; what came from it stays").action(remove);
  sub("pulls", "what was pulled, newest first")
    .addOption(
      new Option("--state <state>", "of this state only").choices([
        ...["waiting", "done", "failed", "cancelled"],
      ]),
    )
    .option("--study <uid>", "of this study only")
    .option("--limit <count>", "at most so many", Number, 50)
    .action(pulls);
  sub("retry <pull>", "pull again what failed or was cancelled").action((id, options) =>
    act(id, "retry", options),
  );
  sub("cancel <pull>", "pull no more of it").action((id, options) => act(id, "cancel", options));
  registerPull(program);
}

function registerPull(program: Command): void {
  withConnection(program.command("pull").description("pull studies from a source"))
    .argument("<source>", "its name")
    .argument("[study...]", "Study Instance UIDs")
    .option("--patient <id>", "all studies of a patient")
    .option("--priors <count>", "so many earlier studies of the patient too", Number)
    .addOption(new Option("--lane <lane>", "how urgent").choices([...LANES]))
    .option("--models <list>", "run these models", (text: string) => text.split(","))
    .option("--wait <seconds>", "until they are here", Number)
    .option("--json", "print one JSON document", false)
    .action(pull);
}

interface AddOptions extends Common, TlsOptions {
  readonly at?: string;
  readonly authorization?: string;
  readonly host?: string;
  readonly port?: number;
  readonly called?: string;
  readonly calling?: string;
  readonly retrieve?: string;
  readonly moveTitle?: string;
  readonly parallel?: number;
}

async function add(kind: string, name: string, options: AddOptions): Promise<void> {
  const { at: url, host, port, called: calledTitle, calling: callingTitle } = options;
  const { authorization, retrieve, moveTitle, parallel } = options;
  const tls = await tlsOf(options);
  const made = await new AxialClient(connectionFrom(options)).post<SourceView>(
    SOURCES,
    defined({
      ...{ kind, name, url, authorization, host, port, calledTitle, callingTitle },
      ...{ retrieve, moveTitle, parallel, tls },
    }),
  );
  if (options.json) printJson(made);
  else printLine(`source ${name} (${made.id})`);
}

async function list(options: Common): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const found = await client.json<{ sources: SourceView[] }>(SOURCES);
  if (options.json) return printJson(found);
  printLine(
    table(
      found.sources.map((one) => ({
        name: one.name,
        kind: one.kind,
        waiting: String(one.waiting),
        failed: String(one.failed),
        "at once": String(one.parallel),
      })),
    ),
  );
}

async function check(name: string, options: Common): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  await client.request(`${SOURCES}/${encodeURIComponent(name)}/check`, { method: "POST" });
  if (options.json) printJson({ source: name, answers: true });
  else printLine(`${name} answers`);
}

async function remove(name: string, options: Common): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  await client.request(`${SOURCES}/${encodeURIComponent(name)}`, { method: "DELETE" });
  if (options.json) printJson({ removed: name });
  else printLine("removed");
}

interface PullsOptions extends Common {
  readonly state?: string;
  readonly study?: string;
  readonly limit: number;
}

async function pulls(options: PullsOptions): Promise<void> {
  const { state, study, limit } = options;
  const query = new URLSearchParams({
    ...(state === undefined ? {} : { state }),
    ...(study === undefined ? {} : { study }),
    limit: String(limit),
  });
  const client = new AxialClient(connectionFrom(options));
  const found = await client.json<{ pulls: PullView[] }>(`${PULLS}?${query}`);
  if (options.json) return printJson(found);
  printLine(pullTable(found.pulls));
}

async function act(id: string, action: "retry" | "cancel", options: Common): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const view = await client.post<PullView>(`${PULLS}/${id}/${action}`);
  if (options.json) printJson(view);
  else printLine(pullTable([view]));
}

interface PullOptions extends Common {
  readonly patient?: string;
  readonly priors?: number;
  readonly lane?: string;
  readonly models?: readonly string[];
  readonly wait?: number;
}

async function pull(
  source: string,
  studies: readonly string[],
  options: PullOptions,
): Promise<void> {
  const { patient, priors, lane, models, wait } = options;
  if ((patient === undefined) === (studies.length === 0)) {
    throw new Error("name studies, or a patient with --patient");
  }
  const client = new AxialClient(connectionFrom(options));
  const wanted = patient === undefined ? studies.map((study) => ({ study })) : [{ patient }];
  const made: PullView[] = [];
  for (const what of wanted) {
    const body = defined({ ...what, source, priors, lane, models });
    const answer = await client.post<{ pulls: PullView[] }>("/api/v1/studies/pull", body);
    made.push(...answer.pulls);
  }
  const over = wait === undefined ? made : await client.pulls.wait(made, wait);
  if (wait !== undefined && over.some(({ state }) => state !== "done")) process.exitCode = 1;
  if (options.json) printJson({ pulls: over });
  else printLine(pullTable(over));
}

function pullTable(pulls: readonly PullView[]): string {
  return table(
    pulls.map((one) => ({
      id: one.id,
      source: one.sourceName,
      study: one.study,
      state: one.state,
      instances: `${one.present}/${one.found ?? "?"}`,
      attempts: String(one.attempts),
      why: one.lastError ?? "",
    })),
  );
}
