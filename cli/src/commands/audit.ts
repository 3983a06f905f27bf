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

interface VerifyFlags {
  readonly data: string;
  readonly tenant?: TenantId;
  readonly noted: readonly NotedPlace[];
  readonly json: boolean;
}

interface ExportFlags extends ConnectionOptions {
  readonly format: "ndjson" | "fhir";
  readonly out?: string;
  readonly tenant?: string;
  readonly from?: string;
  readonly to?: string;
}

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
  withConnection(
    audit.command("export").description("all entries as NDJSON or FHIR AuditEvents, newest first"),
  )
    .addOption(new Option("--format <format>").choices(["ndjson", "fhir"]).default("ndjson"))
    .option("--out <file>", "where to (default: stdout)")
    .option("--tenant <id>", "another tenant, with a key of the home tenant")
    .option("--from <time>", "RFC 3339")
    .option("--to <time>", "RFC 3339")
    .action(exportAudit);
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
  const { format, out, tenant, from, to } = flags;
  const asked = Object.entries({ format, tenant, from, to }).filter(([, value]) => value);
  const query = new URLSearchParams(asked as [string, string][]);
  const answer = await new AxialClient(connectionFrom(flags)).request(`/api/v1/audit?${query}`);
  const body = Readable.fromWeb(answer.body as never);
  if (out === undefined) await pipeline(body, process.stdout, { end: false });
  else await pipeline(body, createWriteStream(out, { mode: 0o600 }));
}
