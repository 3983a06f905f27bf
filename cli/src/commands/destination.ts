import { setTimeout as delay } from "node:timers/promises";
import { AxialClient } from "@axial/client";
import {
  DESTINATION_KINDS,
  type DeliveryView,
  type DestinationView,
  EVIDENCE_LEVELS,
  LANES,
} from "@axial/contracts";
import { Argument, type Command, Option } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { defined, isEmpty, type TlsOptions, tlsOf, withTls } from "./tls-options.ts";

interface Common extends ConnectionOptions {
  readonly json: boolean;
}

const PATH = "/api/v1/destinations";
const POLL_MS = 500;

export function registerDestination(program: Command): void {
  const destination = program
    .command("destination")
    .description("where results go: a PACS, a FHIR server, HL7, a webhook, a folder");
  const sub = connectedTo(destination);
  sub("list", "the tenant's destinations").action(list);
  withTarget(sub("add", "have results sent to a destination")).action(add);
  sub("pause <name>", "keep results back until it is resumed").action((name, options) =>
    change(name, { paused: true }, options),
  );
  sub("resume <name>", "send what was kept back").action((name, options) =>
    change(name, { paused: false }, options),
  );
  sub("remove <name>", "forget a destination with its deliveries").action(remove);
  sub("replay <name>", "send its dead deliveries again").action(replay);
  sub("deliveries [name]", "what was sent, newest first")
    .addOption(
      new Option("--state <state>", "of this state only").choices([
        ...["pending", "delivered", "skipped", "dead"],
      ]),
    )
    .option("--study <uid>", "of this study only")
    .option("--limit <count>", "at most so many", Number, 50)
    .option("--wait <seconds>", "until there are some and none is pending", Number, 0)
    .action(deliveries);
  sub("replay-delivery <id>", "send one delivery again").action(replayDelivery);
}

function withTarget(command: Command): Command {
  const split = (text: string) => text.split(",").map((part) => part.trim());
  return withTls(command)
    .addArgument(new Argument("<kind>", "how results leave").choices([...DESTINATION_KINDS]))
    .argument("<name>", "what you call it")
    .option("--at <url>", "address of a webhook, a DICOMweb or a FHIR server")
    .option("--folder <name>", "folder below the one that the operator has set")
    .option("--host <host>", "host of an application entity or HL7 receiver")
    .option("--port <port>", "its port", Number)
    .option("--called <title>", "AE title of the destination")
    .option("--calling <title>", "AE title that Axial calls itself")
    .option("--commitment", "delivered only when it has committed to the storage")
    .option("--authorization <header>", "Authorization header of a DICOMweb or FHIR server")
    .option("--token-url <url>", "OAuth 2.0 client credentials: where tokens are")
    .option("--client-id <id>", "OAuth 2.0 client id")
    .option("--client-secret <secret>", "proves it")
    .option("--scope <scopes>", "what they are for")
    .option("--formats <list>", "of sr,heatmaps,pdf,json,fhir", split)
    .option("--models <list>", "only runs with a finding of these models", split)
    .option("--labels <list>", "only with one of these labels", split)
    .option("--min-probability <share>", "only at least this probable", Number)
    .addOption(
      new Option("--evidence <list>", `only of: ${EVIDENCE_LEVELS.join()}`).argParser(split),
    )
    .addOption(new Option("--lanes <list>", `only of: ${LANES.join()}`).argParser(split))
    .option("--no-abstentions", "not runs in which models only abstain")
    .option("--no-refusals", "not runs in which everything was refused")
    .option("--synthetic <models>", "synthetic models whose results may leave", split);
}

interface AddOptions extends Common, TlsOptions {
  readonly at?: string;
  readonly folder?: string;
  readonly host?: string;
  readonly port?: number;
  readonly called?: string;
  readonly calling?: string;
  readonly commitment?: boolean;
  readonly authorization?: string;
  readonly tokenUrl?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scope?: string;
  readonly formats?: readonly string[];
  readonly models?: readonly string[];
  readonly labels?: readonly string[];
  readonly minProbability?: number;
  readonly evidence?: readonly string[];
  readonly lanes?: readonly string[];
  readonly abstentions: boolean;
  readonly refusals: boolean;
  readonly synthetic?: readonly string[];
}

async function add(kind: string, name: string, options: AddOptions): Promise<void> {
  const made = await new AxialClient(connectionFrom(options)).post<{
    id: string;
    secret: string | null;
  }>(PATH, await bodyOf(kind, name, options));
  if (options.json) return printJson(made);
  printLine(`destination ${name} (${made.id})`);
  if (made.secret !== null) printLine(`secret ${made.secret}  (shown once)`);
}

async function bodyOf(kind: string, name: string, options: AddOptions): Promise<object> {
  const { models, labels, minProbability, evidence, lanes, abstentions, refusals } = options;
  const { tokenUrl, clientId, clientSecret, scope } = options;
  const oauth = defined({ tokenUrl, clientId, clientSecret, scope });
  const tls = await tlsOf(options);
  return defined({
    ...{ kind, name, url: options.at, folder: options.folder, host: options.host },
    ...{ port: options.port, calledTitle: options.called, callingTitle: options.calling },
    ...{ commitment: options.commitment, tls, authorization: options.authorization },
    ...{ oauth: isEmpty(oauth) ? undefined : oauth, formats: options.formats },
    syntheticModels: options.synthetic,
    when: defined({
      ...{ models, labels, minProbability, evidence, lanes },
      ...(abstentions ? {} : { abstentions }),
      ...(refusals ? {} : { refusals }),
    }),
  });
}

async function list(options: Common): Promise<void> {
  const { destinations } = await read(options);
  if (options.json) return printJson({ destinations });
  printLine(
    table(
      destinations.map((one) => ({
        name: one.name,
        kind: one.kind,
        formats: one.formats.join(","),
        pending: String(one.pending),
        dead: String(one.dead),
        "last delivered": one.deliveredAt ?? "never",
        state: one.paused ? "paused" : "on",
      })),
    ),
  );
}

function read(options: Common): Promise<{ destinations: DestinationView[] }> {
  return new AxialClient(connectionFrom(options)).json(PATH);
}

async function idOf(name: string, options: Common): Promise<string> {
  const { destinations } = await read(options);
  const found = destinations.find((one) => one.name === name || one.id === name);
  if (found === undefined) throw new Error(`no destination is called ${name}`);
  return found.id;
}

async function change(name: string, body: object, options: Common): Promise<void> {
  await new AxialClient(connectionFrom(options)).request(`${PATH}/${await idOf(name, options)}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (options.json) printJson(body);
  else printLine("changed");
}

async function remove(name: string, options: Common): Promise<void> {
  const path = `${PATH}/${await idOf(name, options)}`;
  await new AxialClient(connectionFrom(options)).request(path, { method: "DELETE" });
  if (options.json) printJson({ removed: name });
  else printLine("removed");
}

async function replay(name: string, options: Common): Promise<void> {
  const path = `${PATH}/${await idOf(name, options)}/replay`;
  const outcome = await new AxialClient(connectionFrom(options)).post<{ replayed: number }>(path);
  if (options.json) printJson(outcome);
  else printLine(`${outcome.replayed} deliveries are sent again`);
}

interface DeliveriesOptions extends Common {
  readonly state?: string;
  readonly study?: string;
  readonly limit: number;
  readonly wait: number;
}

interface Deliveries {
  readonly deliveries: readonly DeliveryView[];
}

async function deliveries(name: string | undefined, options: DeliveriesOptions): Promise<void> {
  const { state, study, limit, wait } = options;
  const destination = name === undefined ? undefined : await idOf(name, options);
  const query = new URLSearchParams(
    defined({ state, study, destination, limit: String(limit) }) as Record<string, string>,
  );
  const client = new AxialClient(connectionFrom(options));
  const ask = () => client.json<Deliveries>(`/api/v1/deliveries?${query}`);
  const deadline = Date.now() + wait * 1_000;
  let found = await ask();
  while (isOpen(found) && Date.now() < deadline) {
    await delay(POLL_MS);
    found = await ask();
  }
  if (wait > 0 && isOpen(found)) process.exitCode = 1;
  if (options.json) return printJson(found);
  printLine(
    table(
      found.deliveries.map((one) => ({
        id: one.id,
        destination: one.destinationName,
        study: one.study,
        run: String(one.run),
        event: one.event,
        state: one.state,
        attempts: String(one.attempts),
        why: one.lastError ?? "",
      })),
    ),
  );
}

function isOpen({ deliveries }: Deliveries): boolean {
  return deliveries.length === 0 || deliveries.some(({ state }) => state === "pending");
}

async function replayDelivery(id: string, options: Common): Promise<void> {
  await new AxialClient(connectionFrom(options)).post(`/api/v1/deliveries/${id}/replay`);
  if (options.json) printJson({ replayed: id });
  else printLine("it is sent again");
}
