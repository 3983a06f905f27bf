import { AxialClient } from "@axial/client";
import type { Command } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";

interface TenantOptions extends ConnectionOptions {
  readonly json: boolean;
}

type Tenant = Readonly<Record<string, unknown>> & { readonly id: string };

export function registerTenant(program: Command): void {
  const tenant = program.command("tenant").description("tenants and their settings");
  const sub = connectedTo(tenant);
  sub("list", "all of them, with share and limits").action(list);
  sub("show <id>", "one, with every setting and what it uses").action(show);
  sub("create <id> [setting=value...]", "a new one").action(create);
  sub("set <id> <setting=value...>", "paused=true, weight=3, maxTasksPerMinute=null …").action(set);
}

async function list(options: TenantOptions): Promise<void> {
  const answer = await new AxialClient(connectionFrom(options)).json<{ tenants: Tenant[] }>(
    "/api/v1/tenants",
  );
  if (options.json) return printJson(answer);
  const columns = ["id", "weight", "maxConcurrentTasks", "maxTasksPerMinute", "paused"];
  printLine(
    table(
      answer.tenants.map((row) =>
        Object.fromEntries(columns.map((column) => [column, String(row[column] ?? "")])),
      ),
    ),
  );
}

async function show(id: string, options: TenantOptions): Promise<void> {
  const path = `/api/v1/tenants/${encodeURIComponent(id)}`;
  print(await new AxialClient(connectionFrom(options)).json<Tenant>(path), options);
}

async function create(id: string, settings: string[], options: TenantOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  print(await client.post<Tenant>("/api/v1/tenants", { id, ...parse(settings) }), options);
}

async function set(id: string, settings: string[], options: TenantOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const changed = await client.json<Tenant>(`/api/v1/tenants/${encodeURIComponent(id)}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(parse(settings)),
  });
  print(changed, options);
}

/** Parses settings such as `paused=true`: a value is JSON, or text if it is not valid JSON. */
function parse(settings: readonly string[]): Record<string, unknown> {
  const entries = settings.map((setting) => {
    const [, name = "", text = ""] = /^(\w+)=(.*)$/s.exec(setting) ?? [];
    if (name === "") throw new Error(`${setting}: a setting is name=value`);
    return [name, parseValue(text)];
  });
  return Object.fromEntries(entries);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function print(tenant: Tenant, { json }: TenantOptions): void {
  const rows = Object.entries(tenant).flatMap(([setting, value]) => rowsOf(setting, value));
  if (json) printJson(tenant);
  else printLine(table(rows));
}

/** What an object holds, such as the usage, is a row each. */
function rowsOf(setting: string, value: unknown): { setting: string; value: string }[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [{ setting, value: String(value) }];
  }
  return Object.entries(value).flatMap(([name, inner]) => rowsOf(`${setting}.${name}`, inner));
}
