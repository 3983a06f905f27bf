import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BackfillResult, BackfillSummary, BackfillView } from "@axial/contracts";
import { eventually } from "@axial/testkit";
import type { System } from "../system.ts";

const CLI = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));

interface CommandLine {
  readonly url: string;
  readonly key: string;
  /** Where journals and answers lie. */
  readonly folder: string;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `axial` command as a process of its own. */
export class Axial {
  readonly #at: CommandLine;

  constructor(at: CommandLine) {
    this.#at = at;
  }

  spawn(...args: string[]): ChildProcess {
    const { url, key, folder } = this.#at;
    const child = spawn(process.execPath, [CLI, ...args, "--url", url, "--key", key], {
      env: { ...process.env, XDG_STATE_HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return child;
  }

  async run(...args: string[]): Promise<Ended> {
    const child = this.spawn(...args);
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = await once(child, "close");
    return { code, stdout, stderr };
  }

  /** What it prints. Rejects where it ends with another code than 0. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`axial ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  async exported(backfill: string): Promise<BackfillResult[]> {
    const file = join(this.#at.folder, `${backfill}.ndjson`);
    await this.ok("backfill", "export", backfill, file);
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as BackfillResult);
  }
}

/** The newest backfill, by the gateway itself; null while that or its database is away. */
async function newestBackfill(system: System): Promise<BackfillView | null> {
  const get = async <T>(path: string): Promise<T | null> => {
    const answer = await system.fetch("gateway", `/api/v1/backfills${path}`).catch(() => null);
    return answer?.ok ? ((await answer.json()) as T) : null;
  };
  const found = (await get<{ backfills: BackfillSummary[] }>(""))?.backfills[0];
  return found === undefined ? null : get<BackfillView>(`/${found.id}`);
}

/** The newest backfill once it is so. */
export function newestOnce(
  system: System,
  wanted: {
    readonly what: string;
    readonly is: (found: BackfillView) => boolean;
    readonly withinMs: number;
  },
): Promise<BackfillView> {
  return eventually(
    wanted.what,
    async () => {
      const found = await newestBackfill(system);
      return found !== null && wanted.is(found) && found;
    },
    wanted.withinMs,
  );
}

/** An answer as a line, whether it comes from an export or from the database. */
export function answerLine(
  row: Pick<BackfillResult, "study" | "outcome" | "code" | "label" | "probability">,
): string {
  return [row.study, row.outcome, row.code, row.label, row.probability].join(" ");
}
