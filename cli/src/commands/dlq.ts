import type { Command } from "commander";
import { ApiClient } from "../client/api-client.ts";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { printJson, printLine, table } from "../output.ts";

interface DeadTask {
  readonly task: string;
  readonly study: string;
  readonly model: string;
  readonly code: string | null;
  readonly attempt: number;
  readonly diedAt: string | null;
}

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

async function discard(task: string, options: DlqOptions): Promise<void> {
  const client = new ApiClient(connectionFrom(options));
  const outcome = await client.post<object>(`/api/v1/dlq/${task}/discard`);
  if (options.json) printJson(outcome);
  else printLine("discarded");
}
