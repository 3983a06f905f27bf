import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { StudyView } from "@axial/contracts";
import { eventually, needs, phantomSeries, startS3, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";
import { multipartRelated } from "../src/stow.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
const run = promisify(execFile);

interface Store {
  readonly name: string;
  readonly options: ReturnType<typeof needs>;
  /** The environment for `axial up`, and the cleanup. */
  start(): Promise<{ environment: NodeJS.ProcessEnv; stop(): Promise<void> }>;
}

const STORES: readonly Store[] = [
  { name: "files", options: {}, start: async () => ({ environment: {}, stop: async () => {} }) },
  {
    name: "S3",
    options: needs("s3"),
    start: async () => {
      const server = await startS3();
      const shared = { AXIAL_WORKER_SHARED_CREDENTIAL: "on" };
      const environment = { ...server.environment, ...shared, AXIAL_BLOB_URL: server.url() };
      return { environment, stop: server.stop };
    },
  },
];

const get = (machine: OneMachine, path: string) =>
  fetch(`${machine.url}${path}`, { headers: { authorization: `Bearer ${machine.key}` } });

/** Sends a study. Returns its UID once it is complete and Axial's own objects are kept. */
async function completeStudy(machine: OneMachine) {
  const { files, studyUid } = phantomSeries({ kind: "brain", slices: 5, size: 64, seed: 7 });
  const { contentType, body } = multipartRelated(files);
  const answer = await fetch(`${machine.url}/dicom-web/studies`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${machine.key}`,
      "content-type": contentType,
      accept: "application/dicom+json",
      "axial-close": "true",
    },
    body,
  });
  expect(answer.status, await answer.clone().text()).toBe(200);
  await eventually(
    "the study is complete",
    async () => (await study(machine, studyUid)).state === "complete",
    60_000,
  );
  await eventually(
    "its report and heat maps are kept",
    async () => (await instances(machine, studyUid)) > files.length,
    60_000,
  );
  return studyUid;
}

/** How many instances the study has, Axial's own included. */
async function instances(machine: OneMachine, uid: string): Promise<number> {
  const answer = await get(machine, `/dicom-web/studies/${uid}/instances`);
  return answer.status === 200 ? ((await answer.json()) as unknown[]).length : 0;
}

async function study(machine: OneMachine, uid: string): Promise<StudyView> {
  return (await (await get(machine, `/api/v1/studies/${uid}`)).json()) as StudyView;
}

/** What every route that shows the study answers, as hashes. */
async function everything(machine: OneMachine, uid: string): Promise<Record<string, string>> {
  const view = await study(machine, uid);
  const heatmaps = view.predictions.flatMap((one) => one.heatmaps.map((map) => map.href));
  expect(view.predictions.length).toBeGreaterThan(0);
  expect(heatmaps.length).toBeGreaterThan(0);
  const paths = [
    `/api/v1/studies/${uid}`,
    `/api/v1/studies/${uid}/report.fhir`,
    `/dicom-web/studies/${uid}/metadata`,
    ...heatmaps,
  ];
  const shown: Record<string, string> = {};
  for (const path of paths) {
    const answer = await get(machine, path);
    expect(answer.status, path).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    // Links contain the address, which changes with the restore.
    const content = bytes.toString("latin1").replaceAll(machine.url, "");
    shown[path] = createHash("sha256").update(content).digest("hex");
  }
  return shown;
}

for (const store of STORES) {
  describe(`one machine with blobs on ${store.name}`, store.options, () => {
    let folder: string;
    let blobs: Awaited<ReturnType<Store["start"]>>;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "axial-e2e-backup-"));
      await chmod(folder, 0o755);
      blobs = await store.start();
    });
    afterAll(async () => {
      await blobs?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("classifies, is backed up while it runs, and is restored elsewhere, all the same", async () => {
      const [data, out, elsewhere] = ["data", "backup", "elsewhere"].map((name) =>
        join(folder, name),
      ) as [string, string, string];
      const environment = { ...process.env, ...blobs.environment };
      const first = await startOneMachine(TINY_MODELS, { data, environment: blobs.environment });
      let uid: string;
      let before: Record<string, string>;
      try {
        uid = await completeStudy(first);
        before = await everything(first, uid);
        const backup = [CLI, "backup", "--out", out, "--data", data, "--json"];
        const said = JSON.parse((await run(process.execPath, backup, { env: environment })).stdout);
        expect(said).toMatchObject({ missing: 0 });
      } finally {
        await first.stop();
      }
      expect(existsSync(join(data, "blobs"))).toBe(store.name === "files");

      await run(process.execPath, [CLI, "restore", "--from", out, "--data", elsewhere]);
      const second = await startOneMachine(TINY_MODELS, { data: elsewhere });
      try {
        expect(await everything(second, uid)).toEqual(before);
      } finally {
        await second.stop();
      }
    }, 240_000);
  });
}
