import { AxialClient } from "@axial/client";
import { ROLES } from "@axial/contracts";
import { type Command, Option } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";

interface KeyOptions extends ConnectionOptions {
  readonly role: string;
  readonly tenant?: string;
  readonly json: boolean;
}

interface Key {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly role: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export function registerKey(program: Command): void {
  const key = program.command("key").description("API keys");
  const sub = connectedTo(key);
  sub("list", "all keys, revoked ones too").action(list);
  sub("create <name>", "a new key, which is shown once")
    .addOption(new Option("--role <role>", "what it may do").choices([...ROLES]).default("sender"))
    .option("--tenant <id>", "another tenant's, with a key of the home tenant")
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
      answer.keys.map(({ id, name, tenant, role, createdAt, revokedAt }) => ({
        ...{ id, name, tenant, role, created: createdAt },
        revoked: revokedAt ?? "",
      })),
    ),
  );
}

async function create(name: string, { role, tenant, ...options }: KeyOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const wanted = { name, role, ...(tenant === undefined ? {} : { tenant }) };
  const created = await client.post<Key & { key: string }>("/api/v1/keys", wanted);
  if (options.json) printJson(created);
  else printLine(`key ${created.key}  (shown once; id ${created.id})`);
}

async function revoke(id: string, options: KeyOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  await client.request(`/api/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
  if (options.json) printJson({ id, revoked: true });
  else printLine("revoked");
}
