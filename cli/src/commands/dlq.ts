import type { Command } from "commander";
import { ApiClient } from "../client/api-client.ts";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import {
  type DeidentifyFlags,
  openDeidentifier,
  withDeidentifyFlags,
} from "../deidentify/deidentify-options.ts";
import { type Written, writeDeidentified } from "../deidentify/write-deidentified.ts";
import { printJson, printLine, table } from "../output.ts";

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

interface DlqOptions extends ConnectionOptions {
  readonly model?: string;
  readonly code?: string;
  readonly study?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

export function registerDlq(program: Command): void {
  const dlq = program.command("dlq").description("dead tasks: those that are no longer retried");
  const sub = (usage: string, description: string) =>
    withConnection(dlq.command(usage).description(description)).option(
      "--json",
      "print one JSON document",
      false,
    );
  withFilter(sub("list", "dead tasks, newest first")).action(list);
  sub("show <task>", "one dead task with its history").action(show);
  withFilter(sub("replay [task]", "try again: one task, or all that the filter matches"))
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
  const client = new ApiClient(connectionFrom(options));
  const query = new URLSearchParams(filterOf(options));
  const dead = await client.json<{ total: number; tasks: DeadTask[] }>(`/api/v1/dlq?${query}`);
  if (options.json) return printJson(dead);
  printLine(`${dead.total} dead tasks`);
  if (dead.tasks.length > 0) {
    printLine(
      table(
        dead.tasks.map((task) => ({
          task: task.task,
          model: task.model,
          error: task.code ?? "",
          attempts: String(task.attempt),
          when: task.diedAt ?? "",
        })),
      ),
    );
  }
}

async function show(task: string, options: DlqOptions): Promise<void> {
  const dead = await new ApiClient(connectionFrom(options)).json<object>(`/api/v1/dlq/${task}`);
  if (options.json) printJson(dead);
  else printLine(JSON.stringify(dead, null, 2));
}

async function replay(task: string | undefined, options: DlqOptions): Promise<void> {
  const client = new ApiClient(connectionFrom(options));
  const outcome = await (task === undefined
    ? client.post<{ matched: number; replayed: number }>("/api/v1/dlq/replay", {
        filter: filterOf(options),
        dryRun: options.dryRun,
      })
    : client.post<{ matched: number; replayed: number }>(`/api/v1/dlq/${task}/replay`));
  if (options.json) printJson(outcome);
  else printLine(`${outcome.matched} matched, ${outcome.replayed} will be retried`);
}

type ExportFlags = DlqOptions & DeidentifyFlags;

/** What the task was about, for whoever mends it: never with its patient. */
async function exportInputs(task: string, out: string, options: ExportFlags): Promise<void> {
  const client = new ApiClient(connectionFrom(options));
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
async function listInstances(client: ApiClient, path: string): Promise<DicomJson[]> {
  const found: DicomJson[] = [];
  for (;;) {
    const page = await client.json<DicomJson[]>(`${path}?limit=${PAGE}&offset=${found.length}`);
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

async function discard(task: string, options: DlqOptions): Promise<void> {
  const client = new ApiClient(connectionFrom(options));
  const outcome = await client.post<object>(`/api/v1/dlq/${task}/discard`);
  if (options.json) printJson(outcome);
  else printLine("discarded");
}
