import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AxialClient } from "@axial/client";
import type { TenantId } from "@axial/contracts";
import { type ChainReport, type NotedPlace, verifyAudit } from "@axial/store/audit";
import { openDatabase } from "@axial/store/database";
import { type Command, InvalidArgumentError, Option } from "commander";
import { demandInstallation, openInstallation } from "../backup/installation.ts";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { DEFAULT_DATA } from "../defaults.ts";
import { printJson, printLine, table } from "../output.ts";
import { type AuditEntry, auditLines } from "../render/audit-lines.ts";

interface VerifyFlags {
  readonly data: string;
  readonly tenant?: TenantId;
  readonly noted: readonly NotedPlace[];
  readonly json: boolean;
}

interface SearchFlags extends ConnectionOptions {
  readonly tenant?: string;
  readonly action?: string;
  readonly outcome?: "success" | "refused";
  /** `--by`: `--key` is the caller's. */
  readonly by?: string;
  readonly study?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
}

interface ListFlags extends SearchFlags {
  readonly limit: number;
  readonly all: boolean;
}

interface ExportFlags extends SearchFlags {
  readonly format: "ndjson" | "fhir";
  readonly out?: string;
}

interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: string | null;
}

/** As many as the server gives in one page. */
const MAX_PAGE = 500;

export function registerAudit(program: Command): void {
  const audit = program.command("audit").description("who did, read and was refused what");
  audit
    .command("verify")
    .description(
      "follow the hash chain in the database, and name the first entry that is not whole",
    )
    .option("--data <folder>", "data folder, unless AXIAL_DATABASE_URL is set", DEFAULT_DATA)
    .option("--tenant <id>", "one tenant (default: all)")
    .addOption(
      new Option(
        "--noted <seq:hash>",
        "a head that was noted before, with --tenant; may be repeated",
      )
        .argParser(collectNoted)
        .default([]),
    )
    .option("--json", "print one JSON document", false)
    .action(verify);
  withSearch(audit.command("list").description("entries, newest first"))
    .option("--limit <count>", "so many of them", Number, 50)
    .option("--all", "every one", false)
    .option("--json", "print one JSON document", false)
    .action(list);
  withSearch(
    audit.command("export").description("all entries as NDJSON or FHIR AuditEvents, newest first"),
  )
    .addOption(new Option("--format <format>").choices(["ndjson", "fhir"]).default("ndjson"))
    .option("--out <file>", "where to (default: stdout)")
    .option("--json", "print one JSON document about the file, with --out", false)
    .action(exportAudit);
}

function withSearch(command: Command): Command {
  return withConnection(command)
    .option("--tenant <id>", "another tenant, with a key of the home tenant")
    .option("--action <noun.verb>", "one action, such as study.read")
    .addOption(new Option("--outcome <outcome>").choices(["success", "refused"]))
    .option("--by <key>", "what one key did, by its id")
    .option("--study <uid>", "about one study")
    .option("--from <time>", "RFC 3339")
    .option("--to <time>", "RFC 3339");
}

/** The search as the API takes it. */
function searchOf({ tenant, action, outcome, by: key, study, from, to }: SearchFlags) {
  const asked = Object.entries({ tenant, action, outcome, key, study, from, to });
  return Object.fromEntries(asked.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

async function list(flags: ListFlags): Promise<void> {
  const client = new AxialClient(connectionFrom(flags));
  const wanted = flags.all ? Number.POSITIVE_INFINITY : flags.limit;
  const entries: AuditEntry[] = [];
  let next: string | null = null;
  do {
    const limit = String(Math.max(1, Math.min(MAX_PAGE, wanted - entries.length)));
    const cursor: Record<string, string> = next === null ? {} : { cursor: next };
    const query = new URLSearchParams({ ...searchOf(flags), limit, ...cursor });
    const page: AuditPage = await client.json<AuditPage>(`/api/v1/audit?${query}`);
    entries.push(...page.entries);
    next = page.next;
  } while (next !== null && entries.length < wanted);
  if (flags.json) return printJson({ entries, next });
  printLine(entries.length === 0 ? "no entries" : auditLines(entries));
  if (next !== null) printLine("there are more: --limit, --all");
}

function collectNoted(text: string, noted: readonly NotedPlace[]): NotedPlace[] {
  const parts = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text);
  if (parts === null) throw new InvalidArgumentError("a head is SEQ:HASH, as verify prints it");
  return [...noted, { seq: Number(parts[1]), hash: parts[2] ?? "" }];
}

async function verify({ data, tenant, noted, json }: VerifyFlags): Promise<void> {
  if (noted.length > 0 && tenant === undefined) throw new Error("--noted needs --tenant");
  demandInstallation(data, process.env);
  const installation = await openInstallation(data, process.env);
  const db = openDatabase(installation.databaseUrl, { poolSize: 1, onIdleError: () => {} });
  try {
    const reports = await verifyAudit(db, { noted, ...(tenant === undefined ? {} : { tenant }) });
    if (json) printJson(reports);
    else printLine(table(reports.map(chainRow)));
    if (reports.some(({ broken }) => broken !== null)) process.exitCode = 1;
  } finally {
    await db.destroy();
    await installation.close();
  }
}

function chainRow({ tenant, entries, waiting, head, broken }: ChainReport) {
  return {
    tenant,
    entries: String(entries + waiting),
    chain: broken === null ? "whole" : `entry ${broken.seq} is ${broken.how}`,
    head: `${head.seq}:${head.hash}`,
  };
}

async function exportAudit(flags: ExportFlags): Promise<void> {
  const { format, out, json } = flags;
  if (json && out === undefined) throw new Error("--json is about the file that --out names");
  const query = new URLSearchParams({ ...searchOf(flags), format });
  const answer = await new AxialClient(connectionFrom(flags)).request(`/api/v1/audit?${query}`);
  const body = Readable.fromWeb(answer.body as never);
  if (out === undefined) await pipeline(body, process.stdout, { end: false });
  else {
    const file = createWriteStream(out, { mode: 0o600 });
    await pipeline(body, file);
    if (json) printJson({ file: out, format, bytes: file.bytesWritten });
  }
}
