import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { AxialClient, type Connection } from "@axial/client";
import type { BackfillFilter, BackfillSummary, BackfillView } from "@axial/contracts";
import { type Command, Option } from "commander";
import { backfillId } from "../backfill/backfill-id.ts";
import { estimateBackfill } from "../backfill/estimate-backfill.ts";
import { exportBackfill } from "../backfill/export/export-backfill.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../backfill/export/writers.ts";
import { STORED } from "../backfill/selection.ts";
import { confirmed, type StartOptions, startBackfill } from "../backfill/start-backfill.ts";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";
import { backfillLines, estimateLines } from "../render/backfill-lines.ts";
import { sentLines } from "../render/sent-lines.ts";
import { DEFAULT_PATIENCE_SECONDS } from "../send/patience.ts";
import { DEFAULT_PARALLEL } from "../send/send-paths.ts";

const FOLLOW_EVERY_MS = 2_000;

interface TenantFlags extends ConnectionOptions {
  readonly tenant?: string;
}

interface StartFlags extends TenantFlags {
  readonly name?: string;
  readonly models?: string;
  readonly filter?: string;
  readonly source?: string;
  readonly window?: string;
  readonly rate?: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly report?: string;
  readonly journal?: string;
  readonly parallel: number;
  readonly patience: number;
  readonly follow: boolean;
  readonly json: boolean;
}

interface BackfillFlags extends TenantFlags {
  readonly follow: boolean;
  readonly failed: boolean;
  readonly window?: string;
  readonly rate?: string;
  readonly json: boolean;
}

interface ExportFlags extends ConnectionOptions {
  readonly format?: ExportFormat;
  readonly pseudonyms?: string;
  readonly json: boolean;
}

const PATH = "/api/v1/backfills";

/** `axial backfill start|list|show|export|pause|resume|cancel|retry|set`. */
export function registerBackfill(program: Command): void {
  const backfill = program.command("backfill").description("run models over an archive");
  const sub = connectedTo(backfill);
  const ofTenant: typeof sub = (usage, description) =>
    sub(usage, description).option(
      "--tenant <id>",
      "another tenant's, with an admin's key of the home tenant",
    );
  ofTenant(
    "start [source...]",
    `folders, archives, a list (.csv, .ndjson), or "${STORED}": studies that Axial has`,
  )
    .option("--name <name>", "what people call it")
    .option("--models <ids>", "only these models, or versions (id@1.2.0), separated by commas")
    .option("--source <name>", "pull from a source of the server (axial source)")
    .option(
      "--filter <terms>",
      "of stored studies, or of a source: modality=MR,from=20200101,to=20251231",
    )
    .option("--window <hours>", "hours of the day in which studies are started: 19:00-06:00")
    .option("--rate <count>", "studies a minute, at most", Number)
    .option("--dry-run", "only show what it would do", false)
    .option("--yes", "start without being asked", false)
    .option("--report <file>", "every file with its outcome, as .csv or .ndjson")
    .option("--journal <file>", "where it is kept how far it got")
    .option("--parallel <count>", "requests at once", Number, DEFAULT_PARALLEL)
    .option(
      "--patience <seconds>",
      "how long the server may be away",
      Number,
      DEFAULT_PATIENCE_SECONDS,
    )
    .option("--follow", "show how it goes until it is over", false)
    .action(start);
  sub("export <backfill> <file>", "a row per study and model: .csv, .ndjson, .parquet or .html")
    .addOption(
      new Option("--format <format>", "instead of the one that the file's name ends in").choices(
        EXPORT_FORMATS,
      ),
    )
    .option(
      "--pseudonyms <file>",
      "digests instead of UIDs and numbers, by the secret in this file",
    )
    .action(exportRows);
  ofTenant("list", "backfills, newest first").action(list);
  ofTenant("show <backfill>", "how a backfill goes")
    .option("--follow", "until it is over", false)
    .action(show);
  ofTenant("set <backfill>", "change hours and rate while it runs")
    .option("--window <hours>", 'as 19:00-06:00, or "none"')
    .option("--rate <count>", 'studies a minute, or "none"')
    .action(set);
  ofTenant("retry <backfill>", "run failed studies again")
    .option("--failed", "those that failed (the only choice)", true)
    .action((id: string, flags: BackfillFlags) => act(id, "retry", flags));
  const actions = {
    pause: "start no more studies; what runs ends",
    resume: "go on",
    cancel: "drop what has not ended; results are kept",
  };
  for (const [name, description] of Object.entries(actions)) {
    ofTenant(`${name} <backfill>`, description).action((id: string, flags: BackfillFlags) =>
      act(id, name, flags),
    );
  }
}

async function start(sources: string[], flags: StartFlags): Promise<void> {
  const connection = connectionOf(flags);
  const client = new AxialClient(connection);
  const options: StartOptions = {
    sources,
    name: flags.name ?? `backfill of ${new Date().toISOString().slice(0, 16).replace("T", " ")}`,
    models: flags.models?.split(",").map((id) => id.trim()) ?? null,
    filter: filterOf(flags.filter),
    from: flags.source ?? null,
    window: flags.window ?? null,
    rate: flags.rate ?? null,
    report: flags.report ?? null,
    journal: flags.journal ?? null,
    parallel: flags.parallel,
    patienceSeconds: flags.patience,
  };
  const estimate = await estimateBackfill(client, options);
  if (flags.dryRun && flags.json) return printJson({ estimate });
  const say = flags.json ? (line: string) => process.stderr.write(`${line}\n`) : printLine;
  for (const line of estimateLines(estimate)) say(line);
  if (flags.dryRun || !(flags.yes || (await confirmed()))) return;
  const { backfill, sent } = await startBackfill(connection, client, options);
  if (sent !== null) {
    for (const line of sentLines(sent)) say(line);
    if (!sent.complete) process.exitCode = 1;
  }
  if (flags.follow) return show(backfill.id, { ...flags, failed: false, rate: "" });
  if (flags.json) printJson({ estimate, backfill, sent });
  else printLine(`backfill ${backfill.id} runs: axial backfill show ${backfill.id} --follow`);
}

/** What it asks for is the key's tenant's, or that of `--tenant`. */
function connectionOf(flags: TenantFlags): Connection {
  return { ...connectionFrom(flags), tenant: flags.tenant };
}

/** "modality=MR,from=20200101": names and values of the API's filter. */
function filterOf(text: string | undefined): BackfillFilter {
  const terms = (text ?? "").split(",").filter((term) => term !== "");
  return Object.fromEntries(
    terms.map((term) => {
      const [name = "", ...value] = term.split("=");
      if (value.length === 0) throw new Error(`--filter: ${term} is not a name=value`);
      return [name.trim(), value.join("=").trim()];
    }),
  );
}

async function exportRows(given: string, file: string, flags: ExportFlags): Promise<void> {
  const format = flags.format ?? formatOf(file);
  const client = new AxialClient(connectionFrom(flags));
  const secret =
    flags.pseudonyms === undefined ? null : (await readFile(flags.pseudonyms, "utf8")).trim();
  if (secret === "") throw new Error(`${flags.pseudonyms} is empty: it holds the secret`);
  const id = await backfillId(client, given);
  const rows = await exportBackfill(client, {
    ...{ id, format, file, secret },
  });
  if (flags.json) printJson({ backfill: id, file, rows });
  else printLine(`${rows} rows in ${file}`);
}

/** The format that the end of a name says. Throws for another end. */
function formatOf(file: string): ExportFormat {
  const found = EXPORT_FORMATS.find((format) => file.endsWith(`.${format}`));
  if (found === undefined)
    throw new Error(`${file}: name a .${EXPORT_FORMATS.join(", .")}, or --format`);
  return found;
}

async function list(flags: BackfillFlags): Promise<void> {
  const client = new AxialClient(connectionOf(flags));
  const { backfills } = await client.json<{ backfills: BackfillSummary[] }>(PATH);
  if (flags.json) return printJson({ backfills });
  printLine(
    table(
      backfills.map(({ id, name, state, source, createdAt }) => ({
        ...{ id, name, state, source, started: createdAt },
      })),
    ),
  );
}

async function show(given: string, flags: BackfillFlags): Promise<void> {
  const client = new AxialClient(connectionOf(flags));
  const id = await backfillId(client, given);
  for (;;) {
    const view = await client.json<BackfillView>(`${PATH}/${id}`);
    const over = view.state === "done" || view.state === "cancelled";
    const last = over || !flags.follow;
    if (last && view.items.failed > 0) process.exitCode = 1;
    if (flags.json) {
      if (last) return printJson(view);
    } else {
      if (flags.follow && process.stdout.isTTY === true) process.stdout.write("\x1b[H\x1b[2J");
      for (const line of backfillLines(view)) printLine(line);
    }
    if (last) return;
    await delay(FOLLOW_EVERY_MS);
  }
}

async function act(given: string, action: string, flags: BackfillFlags): Promise<void> {
  const client = new AxialClient(connectionOf(flags));
  const id = await backfillId(client, given);
  print(await client.post<BackfillSummary>(`${PATH}/${id}/${action}`), flags);
}

async function set(given: string, flags: BackfillFlags): Promise<void> {
  const client = new AxialClient(connectionOf(flags));
  const id = await backfillId(client, given);
  const { window, rate } = flags;
  const changes = {
    ...(window === undefined
      ? {}
      : {
          window: window === "none" ? null : window,
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        }),
    ...(rate === undefined ? {} : { ratePerMinute: rate === "none" ? null : Number(rate) }),
  };
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(changes);
  print(
    await client.json<BackfillSummary>(`${PATH}/${id}`, { method: "PATCH", headers, body }),
    flags,
  );
}

function print(summary: BackfillSummary, flags: BackfillFlags): void {
  if (flags.json) printJson(summary);
  else printLine(`${summary.id}  ${summary.name}  ${summary.state}`);
}
