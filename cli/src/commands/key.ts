import { AxialClient } from "@axial/client";
import { LANES, ROLES } from "@axial/contracts";
import { type Command, Option } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";

interface KeyOptions extends ConnectionOptions {
  readonly role: string;
  readonly tenant?: string;
  readonly expires?: string;
  readonly lane?: string[];
  readonly model?: string[];
  readonly aeTitle?: string[];
  readonly json: boolean;
}

interface Key {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly role: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
  readonly expiresAt: string | null;
  readonly lanes: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly aeTitles: readonly string[] | null;
}

const DAY_MS = 86_400_000;

export function registerKey(program: Command): void {
  const key = program.command("key").description("API keys");
  const sub = connectedTo(key);
  sub("list", "all keys, revoked ones too").action(list);
  sub("create <name>", "a new key, which is shown once")
    .addOption(new Option("--role <role>", "what it may do").choices([...ROLES]).default("sender"))
    .option("--tenant <id>", "another tenant's, with a key of the home tenant")
    .option("--expires <when>", "a time such as 2027-01-31, or days such as 90d; never without it")
    .addOption(new Option("--lane <lane...>", "may send to these alone").choices([...LANES]))
    .option("--model <id...>", "may ask these alone")
    .option("--ae-title <title...>", "may set up application entities of these titles alone")
    .action(create);
  sub("revoke <id>", "take a key out of use, at once").action(revoke);
}

async function list(options: KeyOptions): Promise<void> {
  const answer = await new AxialClient(connectionFrom(options)).json<{ keys: Key[] }>(
    "/api/v1/keys",
  );
  if (options.json) return printJson(answer);
  printLine(
    table(
      answer.keys.map(({ id, name, tenant, role, createdAt, revokedAt, ...key }) => ({
        ...{ id, name, tenant, role, created: createdAt },
        revoked: revokedAt ?? "",
        expires: key.expiresAt ?? "",
        for: [key.lanes, key.models, key.aeTitles].flatMap((only) => only ?? []).join(" "),
      })),
    ),
  );
}

async function create(name: string, options: KeyOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const { role, tenant, expires, lane: lanes, model: models, aeTitle: aeTitles } = options;
  const limits = { lanes, models, aeTitles, expiresAt: expiry(expires) };
  // What is undefined is left out of JSON.
  const wanted = { name, role, tenant, ...limits };
  const created = await client.post<Key & { key: string }>("/api/v1/keys", wanted);
  if (options.json) printJson(created);
  else printLine(`key ${created.key}  (shown once; id ${created.id})`);
}

/** A time, or days from now, as the API takes it. */
function expiry(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const time = days === undefined ? new Date(text) : new Date(Date.now() + Number(days) * DAY_MS);
  if (Number.isNaN(time.getTime())) throw new Error(`--expires ${text}: no time and no days`);
  return time.toISOString();
}

async function revoke(id: string, options: KeyOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  await client.request(`/api/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
  if (options.json) printJson({ id, revoked: true });
  else printLine("revoked");
}
