import { AxialClient } from "@axial/client";
import type { Command } from "commander";
import { type ConnectionOptions, connectedTo, connectionFrom } from "../client/connection.ts";
import {
  type DeidentifyFlags,
  openDeidentifier,
  withDeidentifyFlags,
} from "../deidentify/deidentify-options.ts";
import { type Written, writeDeidentified } from "../deidentify/write-deidentified.ts";
import { printJson, printLine, table } from "../output.ts";

/** The API's largest page. */
const MAX_PAGE = 500;

interface DeadTask {
  readonly task: string;
  readonly study: string;
  readonly model: string;
  readonly code: string | null;
  readonly attempt: number;
  readonly diedAt: string | null;
}

const SOP_INSTANCE_UID = "00080018";
/** Instances of one page. */
const PAGE = 200;

interface DeadCode {
  readonly code: string;
  readonly tasks: number;
  readonly studies: number;
  readonly first: string | null;
  readonly last: string | null;
}

interface DeadPage {
  readonly total: number;
  readonly codes: readonly DeadCode[];
  readonly tasks: readonly DeadTask[];
  readonly next: string | null;
}

interface DlqOptions extends ConnectionOptions {
  readonly model?: string;
  readonly code?: string;
  readonly study?: string;
  readonly dryRun: boolean;
  readonly all: boolean;
  readonly byCode: boolean;
  readonly limit: number;
  readonly json: boolean;
}

export function registerDlq(program: Command): void {
  const dlq = program.command("dlq").description("dead tasks: those that are no longer retried");
  const sub = connectedTo(dlq);
  withFilter(sub("list", "dead tasks, newest first, with totals"))
    .option("--by-code", "only how many of each error, and since when", false)
    .option("--limit <count>", "so many of them", Number, 50)
    .option("--all", "every one", false)
    .action(list);
  sub("show <task>", "one dead task with its history").action(show);
  withFilter(sub("replay [task]", "try again: one task, or all that the filter matches"))
    .option("--all", "every dead task, without a filter", false)
    .option("--dry-run", "only count", false)
    .action(replay);
  withDeidentifyFlags(
    sub("export <task> <out>", "write a dead task's images into a folder, de-identified"),
  ).action(exportInputs);
  sub("discard <task>", "take a dead task off the list for good").action(discard);
}

function withFilter(command: Command): Command {
  return command
    .option("--model <id>", "of this model")
    .option("--code <code>", "that ended with this error")
    .option("--study <uid>", "of this study");
}

function filterOf({ model, code, study }: DlqOptions): Record<string, string> {
  const entries = Object.entries({ model, code, study });
  return Object.fromEntries(entries.flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

async function list(options: DlqOptions): Promise<void> {
  const wanted = options.byCode ? 1 : options.all ? Number.POSITIVE_INFINITY : options.limit;
  const dead = await pages(new AxialClient(connectionFrom(options)), filterOf(options), wanted);
  if (options.json)
    return printJson(options.byCode ? { total: dead.total, codes: dead.codes } : dead);
  printLine(`${dead.total} dead tasks`);
  if (dead.total === 0) return;
  printLine(
    table(
      dead.codes.map(({ code, tasks, studies, first, last }) => ({
        error: code,
        tasks: String(tasks),
        studies: String(studies),
        first: first ?? "",
        last: last ?? "",
      })),
    ),
  );
  if (options.byCode) return;
  printLine(`\n${table(dead.tasks.map(taskRow))}`);
  if (dead.next !== null) printLine(`${dead.total - dead.tasks.length} more: --limit, --all`);
}

/** Pages of the list until `wanted` tasks, or all. */
async function pages(
  client: AxialClient,
  filter: Record<string, string>,
  wanted: number,
): Promise<DeadPage> {
  const tasks: DeadTask[] = [];
  let cursor: string | null = null;
  for (;;) {
    const limit = String(Math.max(1, Math.min(MAX_PAGE, wanted - tasks.length)));
    const query = new URLSearchParams({ ...filter, limit, ...(cursor === null ? {} : { cursor }) });
    const page: DeadPage = await client.json<DeadPage>(`/api/v1/dlq?${query}`);
    tasks.push(...page.tasks);
    cursor = page.next;
    if (cursor === null || tasks.length >= wanted) return { ...page, tasks };
  }
}

function taskRow(task: DeadTask): Record<string, string> {
  return {
    task: task.task,
    model: task.model,
    error: task.code ?? "",
    attempts: String(task.attempt),
    when: task.diedAt ?? "",
  };
}

async function show(task: string, options: DlqOptions): Promise<void> {
  const dead = await new AxialClient(connectionFrom(options)).json<object>(`/api/v1/dlq/${task}`);
  if (options.json) printJson(dead);
  else printLine(JSON.stringify(dead, null, 2));
}

async function replay(task: string | undefined, options: DlqOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const outcome = await (task === undefined
    ? client.post<{ matched: number; replayed: number }>("/api/v1/dlq/replay", {
        filter: filterOf(options),
        all: options.all,
        dryRun: options.dryRun,
      })
    : client.post<{ matched: number; replayed: number }>(`/api/v1/dlq/${task}/replay`));
  if (options.json) printJson(outcome);
  else printLine(`${outcome.matched} matched, ${outcome.replayed} will be retried`);
}

type ExportFlags = DlqOptions & DeidentifyFlags;

/** Writes the inputs of a dead task, de-identified, for debugging. */
async function exportInputs(task: string, out: string, options: ExportFlags): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const { study, series } = await client.json<DeadTask & { series: string }>(`/api/v1/dlq/${task}`);
  const path = `/dicom-web/studies/${study}/series/${series}/instances`;
  const { deidentifier } = await openDeidentifier(options);
  const outcomes: Written[] = [];
  for (const { [SOP_INSTANCE_UID]: uid } of await listInstances(client, path)) {
    const file = await client.request(`${path}/${uid?.Value?.[0]}`, {
      headers: { accept: "application/dicom; transfer-syntax=*" },
    });
    const bytes = new Uint8Array(await file.arrayBuffer());
    outcomes.push(await writeDeidentified(bytes, deidentifier, out));
  }
  const refused = outcomes.flatMap((one) => (one.status === "refused" ? [one.code] : []));
  const written = outcomes.length - refused.length;
  if (options.json) printJson({ written, refused });
  else printLine(`${written} written, ${refused.length} refused ${refused.join(" ")}`.trimEnd());
  if (refused.length > 0) process.exitCode = 1;
}

type DicomJson = Readonly<Record<string, { readonly Value?: readonly string[] } | undefined>>;

/** Every page of a search by QIDO-RS. */
async function listInstances(client: AxialClient, path: string): Promise<DicomJson[]> {
  const found: DicomJson[] = [];
  for (;;) {
    const page = await client.json<DicomJson[]>(`${path}?limit=${PAGE}&offset=${found.length}`);
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

async function discard(task: string, options: DlqOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const outcome = await client.post<object>(`/api/v1/dlq/${task}/discard`);
  if (options.json) printJson(outcome);
  else printLine("discarded");
}
