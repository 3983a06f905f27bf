import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BackfillResult, BackfillSummary, BackfillView } from "@axial/contracts";
import { openDatabase } from "@axial/store/database";
import { eventually, has, phantomSeries, queueBackends, redisSays } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type System, startSystem } from "../src/system.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
/** `AXIAL_BACKFILL_STUDIES=2000` for the size of a real weekend's sample. */
const STUDIES = Number(process.env.AXIAL_BACKFILL_STUDIES ?? 60);
/** Each tenth is a knee, which the model refuses. */
const KNEE_EVERY = 10;
const WITHIN_MS = 170_000 + STUDIES * 500;

const backend = queueBackends().find(({ name }) => name === (has("redis") ? "redis" : "postgres"));

/**
 * One backfill through everything that happens in a weekend. Small, so that the suite stays quick;
 * the same test runs with 2,000 studies.
 */
describe("a backfill of a hostile tree", () => {
  let system: System;
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue backend");
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-backfill-"));
    files = await hostileTree(join(folder, "tree"));
    system = await startSystem(backend);
  }, WITHIN_MS);
  afterAll(async () => {
    await system?.stop();
    await rm(folder, { recursive: true, force: true });
  }, WITHIN_MS);

  async function hostileTree(tree: string): Promise<number> {
    let written = 0;
    for (let index = 0; index < STUDIES; index += 1) {
      const kind = index % KNEE_EVERY === 0 ? "knee" : "brain";
      const series = phantomSeries({ kind, slices: 2, size: 16, seed: index + 1 });
      const own = Buffer.from(
        join(tree, `${Math.floor(index / 25)}`, `\xe9t\xfcde-${index}`),
        "latin1",
      );
      await mkdir(own, { recursive: true });
      for (const [slice, file] of series.files.entries()) {
        const name = Buffer.concat([own, Buffer.from(`/IM${slice}`)]);
        await writeFile(name, slice === 0 ? file : file.subarray(132));
        written += 1;
      }
    }
    await writeFile(join(tree, "DICOMDIR.txt"), "no DICOM");
    await writeFile(join(tree, "empty.dcm"), "");
    await symlink(tree, join(tree, "loop"));
    await symlink(join(tree, "gone"), join(tree, "broken"));
    return written;
  }

  function axial(...args: string[]): ChildProcess {
    return spawn(
      process.execPath,
      [CLI, ...args, "--url", system.url.gateway, "--key", system.key],
      {
        env: { ...process.env, XDG_STATE_HOME: folder },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
  }
  async function run(...args: string[]): Promise<{ code: number | null; stdout: string }> {
    const child = axial(...args);
    let stdout = "";
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    const [code] = await once(child, "close");
    return { code, stdout };
  }
  const json = async <T>(path: string) => (await (await system.fetch("gateway", path)).json()) as T;
  const newest = async () =>
    (await json<{ backfills: BackfillSummary[] }>("/api/v1/backfills")).backfills[0];
  const view = async () => json<BackfillView>(`/api/v1/backfills/${(await newest())?.id}`);
  const start = ["backfill", "start"] as const;
  const name = ["--name", "weekend", "--models", "tiny-brain", "--yes", "--parallel", "1"] as const;
  const inDatabase = async () => {
    const db = openDatabase(system.databaseUrl);
    const rows = await db.selectFrom("instance").select("sop_instance_uid").execute();
    await db.destroy();
    return rows.length;
  };
  interface Sent {
    readonly sent: { readonly items: Readonly<Record<string, number>> };
  }

  it(
    "every study has an end, nothing is sent twice, and the export equals the database",
    async () => {
      // The client dies in the middle of its first try.
      const first = axial(...start, join(folder, "tree"), ...name, "--rate", "10");
      const gone = once(first, "close");
      await eventually(
        "a study is announced",
        async () => (await newest()) !== undefined,
        WITHIN_MS,
      );
      await eventually(
        "a study was sent",
        async () => Object.values((await view()).items).some((count) => count > 0),
        WITHIN_MS,
      );
      first.kill("SIGKILL");
      await gone;
      const before = await inDatabase();

      // The gateway dies in the middle of the second, which goes on.
      const second = run(...start, join(folder, "tree"), ...name, "--json");
      await eventually("it goes on", async () => (await inDatabase()) > before, WITHIN_MS);
      await system.process("gateway").end("SIGKILL");
      await system.start("gateway");
      const { code, stdout } = await second;
      // One file is a broken link: not all of it went well, and everything else did.
      expect(code).toBe(1);
      const { items } = (JSON.parse(stdout) as Sent).sent;
      // What the first had sent was not sent again, and the journal counts it as new.
      expect(items).toMatchObject({ refused: 0, failed: 0, unreadable: 1 });
      expect((items.new ?? 0) + (items.known ?? 0)).toBe(files);

      expect((await run("backfill", "pause", "weekend")).code).toBe(0);
      await system.process("results").end("SIGKILL");
      await system.process("worker").end("SIGKILL");
      await system.start("results");
      await system.start("worker");
      expect((await run("backfill", "set", "weekend", "--rate", "none")).code).toBe(0);
      expect((await run("backfill", "resume", "weekend")).code).toBe(0);
      // The whole queue is lost while studies run.
      await eventually("some run", async () => (await view()).items.running > 0, WITHIN_MS);
      if (has("redis")) await redisSays(system.queueUrl, "FLUSHALL");
      const done = await eventually(
        "it is done",
        async () => {
          const seen = await view();
          return seen.state === "done" && seen;
        },
        WITHIN_MS,
      );
      const knees = Math.ceil(STUDIES / KNEE_EVERY);
      expect(done.items).toMatchObject({ done: STUDIES - knees, refused: knees, failed: 0 });
      expect(Object.values(done.items).reduce((sum, count) => sum + count, 0)).toBe(STUDIES);

      // Nothing is sent a second time: a try over all of it finds everything known.
      const third = await run("send", join(folder, "tree"), "--afresh", "--keep-open", "--json");
      const again = (JSON.parse(third.stdout) as Sent["sent"]).items;
      expect(again).toMatchObject({ new: 0, known: files });

      const file = join(folder, "answers.ndjson");
      expect((await run("backfill", "export", "weekend", file)).code).toBe(0);
      const rows = (await readFile(file, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as BackfillResult);
      const db = openDatabase(system.databaseUrl);
      const predictions = await db
        .selectFrom("prediction")
        .innerJoin("study", "study.id", "prediction.study_id")
        .select(["study_uid", "label", "probability"])
        .execute();
      const runs = await db.selectFrom("run").select("id").execute();
      await db.destroy();
      expect(await inDatabase()).toBe(files);
      // A study that a kill cut in two may have run with its first half, and again when it was whole.
      expect(runs.length - STUDIES).toBeGreaterThanOrEqual(0);
      expect(runs.length - STUDIES).toBeLessThanOrEqual(2);
      const answers = (some: readonly (readonly unknown[])[]) => some.map(String).toSorted();
      const exported = rows.filter(({ outcome }) => outcome === "prediction");
      expect(answers(exported.map((row) => [row.study, row.label, row.probability]))).toEqual(
        answers(predictions.map((row) => [row.study_uid, row.label, row.probability])),
      );
      expect(rows.filter(({ outcome }) => outcome === "refusal")).toHaveLength(knees);
      expect(rows).toHaveLength(STUDIES);
    },
    WITHIN_MS * 2,
  );
});
