import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { StudyView } from "@axial/contracts";
import { eventually, phantomSeries, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";
import { multipartRelated } from "../src/stow.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
const PRELOAD = new URL("support/poison-engine.mjs", import.meta.url);
const WITHIN_MS = 120_000;

describe("an input that takes the engine down", () => {
  let folder: string;
  let poisonFile: string;
  let machine: OneMachine;
  const studies: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-poison-"));
    // An engine reads the folder of blobs, and no other that a test may write to.
    const data = join(folder, "data");
    const blobs = join(data, "blobs");
    await mkdir(blobs, { recursive: true });
    poisonFile = join(blobs, "poison");
    await writeFile(poisonFile, "");
    const preload = join(blobs, "poison-engine.mjs");
    await copyFile(PRELOAD, preload);
    machine = await startOneMachine(TINY_MODELS, {
      data,
      environment: { NODE_OPTIONS: `--import ${pathToFileURL(preload)}` },
    });
  }, WITHIN_MS);
  afterAll(async () => {
    await machine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const api = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${machine.key}`);
    const answer = await fetch(`${machine.url}${path}`, { ...init, headers });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return answer;
  };
  const pause = (paused: boolean) =>
    api("/api/v1/tenants/default", {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ paused }),
    });
  const study = async (uid: string) =>
    (await (await api(`/api/v1/studies/${uid}`)).json()) as StudyView;
  const complete = (uid: string, state = "complete") =>
    eventually(
      `the study is ${state}`,
      async () => {
        const view = await study(uid);
        return view.state === state && view;
      },
      WITHIN_MS,
    );

  async function send(seed: number): Promise<string> {
    const { studyUid, files } = phantomSeries({ kind: "brain", slices: 6, size: 64, seed });
    const { contentType, body } = multipartRelated(files);
    const headers = { "content-type": contentType, "axial-close": "true" };
    await api("/dicom-web/studies", { method: "POST", headers, body });
    return studyUid;
  }

  /** `axial dlq …`: its exit code and what it printed. */
  async function dlq(...args: string[]): Promise<{ code: number; json: Record<string, unknown> }> {
    const environment = { ...process.env, AXIAL_URL: machine.url, AXIAL_API_KEY: machine.key };
    const child = spawn(process.execPath, [CLI, "dlq", ...args, "--json"], { env: environment });
    let printed = "";
    child.stdout.on("data", (text: Buffer) => {
      printed += text.toString();
    });
    const [code] = await once(child, "close");
    return { code, json: code === 0 ? JSON.parse(printed) : {} };
  }

  it(
    "ends dead after two tries alone, and costs its neighbours nothing",
    async () => {
      await pause(true);
      for (const seed of [1, 2, 3, 4]) studies.push(await send(seed));
      const [poison = "", ...neighbours] = studies;
      const task = await eventually("it is planned", async () => {
        return (await study(poison)).runs[0]?.tasks[0]?.id;
      });
      await writeFile(poisonFile, task);
      await pause(false);
      for (const uid of neighbours) {
        const { predictions, runs } = await complete(uid);
        expect(predictions).toHaveLength(1);
        expect(runs[0]?.tasks[0]?.state).toBe("done");
      }
      const view = await complete(poison, "failed");
      expect(view.failures).toMatchObject([{ task, code: "engine-crashed" }]);
      expect(view.predictions).toEqual([]);
      expect(view.runs[0]?.tasks[0]).toMatchObject({ state: "dead", errorCode: "engine-crashed" });
    },
    2 * WITHIN_MS,
  );

  it(
    "is found by `axial dlq` with its history, and replayed when it is mended",
    async () => {
      const [poison = ""] = studies;
      const listed = await dlq("list", "--code", "engine-crashed");
      expect(listed).toMatchObject({ code: 0, json: { total: 1, tasks: [{ study: poison }] } });
      const [{ task }] = listed.json.tasks as [{ task: string }];
      const { json: shown } = await dlq("show", task);
      expect(shown).toMatchObject({ task, code: "engine-crashed", failures: 2 });
      const history = shown.history as { code: string }[];
      expect(history.length).toBeGreaterThanOrEqual(2);
      expect(new Set(history.map(({ code }) => code))).toEqual(new Set(["engine-crashed"]));

      expect((await dlq("replay")).code).not.toBe(0);
      const filter = ["--code", "engine-crashed"];
      const counted = await dlq("replay", ...filter, "--dry-run");
      expect(counted).toMatchObject({ code: 0, json: { matched: 1, replayed: 0 } });
      expect((await dlq("list")).json).toMatchObject({ total: 1 });

      await writeFile(poisonFile, "");
      const replayed = await dlq("replay", ...filter);
      expect(replayed).toMatchObject({ code: 0, json: { matched: 1, replayed: 1 } });
      expect((await complete(poison)).predictions).toHaveLength(1);
      expect((await dlq("list")).json).toMatchObject({ total: 0 });
      expect((await dlq("discard", task)).code).not.toBe(0);
    },
    2 * WITHIN_MS,
  );
});
