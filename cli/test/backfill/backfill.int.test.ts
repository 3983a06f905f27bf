import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxialClient } from "@axial/client";
import type {
  BackfillItemView,
  BackfillResult,
  BackfillSummary,
  BackfillView,
  Comparison,
  Disagreement,
} from "@axial/contracts";
import { openDatabase } from "@axial/store/database";
import { eventually, zipOf } from "@axial/testkit";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDisagreements } from "../../src/backfill/disagreements.ts";
import { estimateBackfill } from "../../src/backfill/estimate-backfill.ts";
import { exportBackfill } from "../../src/backfill/export/export-backfill.ts";
import { EXPORT_FORMATS } from "../../src/backfill/export/writers.ts";
import { STORED } from "../../src/backfill/selection.ts";
import { type StartOptions, startBackfill } from "../../src/backfill/start-backfill.ts";
import { installVersion } from "../support/model-versions.ts";
import { runAxial } from "../support/run-axial.ts";
import { writeStudies } from "../support/studies.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

const WITHIN_MS = 120_000;
const MODEL = "tiny-brain";
const CLI = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Of `report.json`. */
interface ReportedVersions {
  readonly findings: readonly { readonly model: { readonly version: string } }[];
  readonly refusals: readonly object[];
}
/** A version before the newest, which calls dark what the newest calls bright. */
const OLD = `${MODEL}@0.9.0`;
const NEW = `${MODEL}@1.0.0`;

describe("a backfill", () => {
  let axial: TestStack;
  let client: AxialClient;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-backfill-"));
    const models = join(folder, "models");
    await installVersion(models, "0.9.0", (head) => {
      const [first, second, third] = head.labels;
      head.labels = [second, first, third];
    });
    axial = await startTestStack(1, models);
    client = new AxialClient(axial);
  });
  afterAll(async () => {
    await axial.close();
    await rm(folder, { recursive: true, force: true });
  });

  const options = (sources: readonly string[], more: Partial<StartOptions> = {}): StartOptions => ({
    from: null,
    sources,
    name: "test",
    models: [MODEL],
    filter: {},
    window: null,
    rate: null,
    report: null,
    journal: join(folder, `journal-${sources.join("-").replaceAll("/", "_")}`),
    ...more,
  });
  const start = async (sources: readonly string[], more?: Partial<StartOptions>) =>
    (await startBackfill(axial, client, options(sources, more))).backfill.id;
  const view = (id: string) => client.json<BackfillView>(`/api/v1/backfills/${id}`);
  const act = (id: string, action: string) =>
    client.post<BackfillSummary>(`/api/v1/backfills/${id}/${action}`);
  const over = (id: string) =>
    eventually(
      "the backfill is over",
      async () => {
        const seen = await view(id);
        return seen.state === "done" && seen;
      },
      WITHIN_MS,
    );

  it("says beforehand what a folder would do, and refuses an empty one", async () => {
    const tree = join(folder, "estimated");
    await writeStudies(tree, ["brain", "knee"]);
    const estimate = await estimateBackfill(client, options([tree]));
    expect(estimate).toMatchObject({ studies: 2, series: 2, instances: 6, sampled: 2 });
    expect(estimate.tasks).toEqual([{ model: `${MODEL} 1.0.0`, tasks: 1 }]);
    expect(estimate.refusals).toEqual([{ model: MODEL, code: "wrong-body-part", series: 1 }]);
    expect(estimate.answered).toBe(0);
    // The rules are those of the server's packages, and of the version that is asked for.
    const older = await estimateBackfill(client, options([tree], { models: [OLD] }));
    expect(older.tasks).toEqual([{ model: `${MODEL} 0.9.0`, tasks: 1 }]);
    await expect(
      estimateBackfill(client, options([tree], { models: ["no-such-model"] })),
    ).rejects.toMatchObject({ code: "model-not-found" });
    await expect(estimateBackfill(client, options([join(folder, "none")]))).rejects.toThrow(
      "empty",
    );
    await expect(
      estimateBackfill(client, options([STORED], { filter: { modality: "XA" } })),
    ).rejects.toThrow("empty");
  });

  it("pauses, survives a restart, goes on, and every study has an end", async () => {
    const tree = join(folder, "paused");
    const uids = await writeStudies(tree, ["brain", "knee", "brain-with-mass", "brain"]);
    const { id } = await client.post<BackfillSummary>("/api/v1/backfills", {
      ...{ name: "paused", source: "sent", sourceKey: "paused", models: [MODEL] },
    });
    await act(id, "pause");
    const items = [...uids.map((study) => ({ study, state: "waiting" as const }))];
    await client.json(`/api/v1/backfills/${id}/items`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ items }),
    });
    expect((await view(id)).items).toMatchObject({ waiting: 4 });

    const own = await start([tree]);
    await act(own, "pause");
    await axial.restart();
    expect(await view(own)).toMatchObject({ state: "paused", listed: true });
    await act(own, "resume");
    const done = await over(own);
    expect(done.items).toEqual({
      ...{ waiting: 0, sent: 0, running: 0, done: 3, refused: 1, failed: 0, skipped: 0 },
    });
    expect(done.reasons).toEqual([{ state: "refused", code: "wrong-body-part", items: 1 }]);
    expect(done.slowest).toHaveLength(4);
    await act(id, "cancel");
    expect((await view(id)).items).toMatchObject({ skipped: 4 });
  });

  it("exports every answer, and what stands in its place, as the database has it", async () => {
    const [done] = (
      await client.json<{ backfills: BackfillSummary[] }>("/api/v1/backfills")
    ).backfills.filter(({ state }) => state === "done");
    const id = done?.id ?? "";
    const files = Object.fromEntries(
      EXPORT_FORMATS.map((format) => [format, join(folder, `answers.${format}`)]),
    );
    for (const format of EXPORT_FORMATS) {
      const file = files[format] ?? "";
      expect(await exportBackfill(client, { id, format, file, secret: null })).toBe(4);
    }
    const text = async (format: string) => readFile(files[format] ?? "", "utf8");
    const rows = (await text("ndjson"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const db = openDatabase(axial.databaseUrl);
    const predictions = await db.selectFrom("prediction").select("study_id").execute();
    const refusals = await db.selectFrom("refusal").select("code").execute();
    await db.destroy();
    const outcomes = rows.map(({ outcome }) => outcome).toSorted();
    expect(outcomes).toEqual(["prediction", "prediction", "prediction", "refusal"]);
    expect([predictions.length, refusals.length]).toEqual([3, 1]);
    expect(rows.find(({ outcome }) => outcome === "refusal")).toMatchObject({
      ...{ code: "wrong-body-part", patientId: "PHANTOM", modality: "MR", model: MODEL },
    });
    expect((await text("csv")).trim().split("\n")).toHaveLength(1 + 4);
    expect(await text("html")).toContain("refusal: wrong-body-part");
    const parquet = await parquetReadObjects({
      file: await asyncBufferFromFile(files.parquet ?? ""),
    });
    expect(parquet.map(({ study, outcome }) => [study, outcome])).toEqual(
      rows.map(({ study, outcome }) => [study, outcome]),
    );
    expect(rows.find(({ outcome }) => outcome === "prediction")).toMatchObject({
      ...{ site: null, further: [], decodeMs: expect.any(Number), persistMs: expect.any(Number) },
    });
    expect(await text("html")).toContain("at an unnamed site");
    const unnamed = join(folder, "answers");
    const flags = ["--url", axial.url, "--key", axial.key];
    await runAxial(["backfill", "export", id, unnamed, "--format", "csv", ...flags]);
    expect(await readFile(unnamed, "utf8")).toBe(await text("csv"));
    const file = join(folder, "pseudonyms.ndjson");
    await exportBackfill(client, { id, format: "ndjson", file, secret: "secret" });
    const pseudonyms = await readFile(file, "utf8");
    expect(pseudonyms).not.toContain("PHANTOM");
    expect(rows.filter(({ study }) => pseudonyms.includes(study))).toEqual([]);
  });

  it("skips what the same version answered, and starts no faster than its rate", async () => {
    const selection = { filter: { modality: "MR" } };
    const stored = await estimateBackfill(client, options([STORED], selection));
    expect(stored.answered).toBeGreaterThanOrEqual(3);
    expect(stored.tasks.map(({ tasks }) => tasks)).toEqual([stored.studies - stored.answered]);
    const sent = await estimateBackfill(client, options([join(folder, "paused")]));
    expect(sent).toMatchObject({ studies: 4, answered: 4 });
    expect(sent.tasks.map(({ tasks }) => tasks)).toEqual([0]);
    const again = await over(await start([STORED], selection));
    expect(again.items.skipped).toBeGreaterThanOrEqual(3);
    expect(again.reasons).toContainEqual({
      ...{ state: "skipped", code: "answered", items: again.items.skipped },
    });

    const tree = join(folder, "limited");
    await writeStudies(tree, ["brain", "brain", "brain"], 1);
    // One study a minute: none at once, and one after it is lifted for all.
    const id = await start([tree], { rate: 1 });
    expect((await view(id)).items).toMatchObject({ sent: 3, done: 0 });
    await client.json(`/api/v1/backfills/${id}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ratePerMinute: null }),
    });
    expect((await over(id)).items).toMatchObject({ done: 3 });
  });

  it("starts nothing outside its hours, and nothing after it was cancelled", async () => {
    const tree = join(folder, "hours");
    const [uid = ""] = await writeStudies(tree, ["brain"]);
    const hour = new Date(Date.now() + 2 * 3_600_000).getHours().toString().padStart(2, "0");
    const sending = await start([tree], { window: `${hour}:00-${hour}:01` });
    const [item] = await itemsOf(sending);
    expect(item).toMatchObject({ study: uid, state: "sent", attempts: 0 });
    await act(sending, "cancel");
    const [cancelled] = await itemsOf(sending);
    expect(cancelled).toMatchObject({ state: "skipped", code: "cancelled" });
    expect((await client.studies.get(uid)).state).toBe("cancelled");
    await expect(act(sending, "resume")).rejects.toMatchObject({ code: "conflict" });
  });

  describe("from a list", () => {
    let server: Server;
    let at: string;
    let asked: string[];
    beforeAll(async () => {
      const tree = join(folder, "served");
      await writeStudies(tree, ["brain", "knee"], 1);
      const files = await Promise.all(
        ["study-0/0", "study-1/0"].map((name) => readFile(join(tree, name))),
      );
      const bodies: Record<string, Buffer> = {
        "/one.dcm": files[0] ?? Buffer.of(),
        "/some.zip": zipOf([{ name: Buffer.from("a"), bytes: files[1] ?? Buffer.of() }]),
      };
      asked = [];
      server = createServer((request, response) => {
        const path = request.url ?? "";
        asked.push(path);
        // The first answer is that of a server that is busy.
        if (asked.length === 1) response.writeHead(503, { "retry-after": "0" }).end();
        else if (bodies[path] === undefined) response.writeHead(404).end();
        else response.end(bodies[path]);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void server.close());

    it("takes files of paths and addresses, each once", async () => {
      await writeStudies(join(folder, "listed"), ["brain"]);
      const list = join(folder, "files.csv");
      await writeFile(list, `path,url\nlisted,\n,${at}/one.dcm\n,${at}/some.zip\n,${at}/gone\n`);
      const estimate = await estimateBackfill(client, options([list]));
      expect(estimate).toMatchObject({ studies: 3, instances: 5 });
      expect(estimate).toMatchObject({ leftOut: [{ code: "missing", items: 1 }] });

      const { backfill, sent } = await startBackfill(axial, client, options([list]));
      expect(sent?.items).toMatchObject({ new: 5, unreadable: 1 });
      expect(sent?.listed).toMatchObject([{ name: `${at}/gone`, code: "missing" }]);
      expect((await over(backfill.id)).items).toMatchObject({ done: 2, refused: 1, failed: 0 });

      const before = asked.length;
      const again = await startBackfill(axial, client, options([list]));
      expect(again.sent?.items).toMatchObject({ new: 5, unreadable: 1 });
      // What went well is remembered by its address; the archive is opened again, and known.
      expect(asked.slice(before).filter((path) => path === "/one.dcm")).toEqual([]);
    });

    it("takes studies by their UIDs, and says which are not here", async () => {
      const uids = await writeStudies(join(folder, "by-uid"), ["brain", "brain"], 1);
      await over(await start([join(folder, "by-uid")]));
      const list = join(folder, "studies.ndjson");
      const lines = [...uids, "1.2.3.4.5"].map((study) => JSON.stringify({ study }));
      await writeFile(list, lines.join("\n"));
      const estimate = await estimateBackfill(client, options([list], { models: [OLD] }));
      expect(estimate).toMatchObject({
        studies: 2,
        tasks: [{ model: `${MODEL} 0.9.0`, tasks: 2 }],
      });
      const ended = await over(await start([list], { models: [OLD] }));
      expect(ended.items).toMatchObject({ done: 2, failed: 1, skipped: 0 });
      expect(ended.reasons).toEqual([{ state: "failed", code: "study-missing", items: 1 }]);
      await expect(
        startBackfill(axial, client, options([list], { filter: { modality: "MR" } })),
      ).rejects.toThrow("--filter");
    });
  });

  it("starts, and ends, though the server is away at the first try of every request", async () => {
    const folderOfOne = join(folder, "away");
    await writeStudies(folderOfOne, ["brain"]);
    const flaky = await flakyProxy(axial.url);
    try {
      const connection = { ...axial, url: flaky.url };
      const given = options([folderOfOne], { patienceSeconds: 60 });
      const throughIt = new AxialClient(connection);
      expect((await estimateBackfill(throughIt, given)).studies).toBe(1);
      const { backfill } = await startBackfill(connection, throughIt, given);
      const { items } = await over(backfill.id);
      // Another test may have sent the same study.
      expect(items.done + items.skipped).toBe(1);
      expect(flaky.broken).toEqual(
        expect.arrayContaining([
          "GET /api/v1/backfills/rate",
          "POST /api/v1/backfills",
          `POST /api/v1/backfills/${backfill.id}/listed`,
        ]),
      );
    } finally {
      await flaky.close();
    }
  });

  it.each(["stored", "pulled"] as const)(
    "of %s studies is one, though the answer to its start is lost",
    async (source) => {
      const name = `lost answer of ${source}`;
      if (source === "pulled") {
        const pacs = { name: "pacs", kind: "dicomweb", url: "https://pacs.example.org/dicom-web" };
        await client.post("/api/v1/sources", pacs);
      }
      const lossy = await flakyProxy(axial.url, "answers");
      try {
        const connection = { ...axial, url: lossy.url };
        const filter = source === "stored" ? { modality: "MR" } : { from: "20200101" };
        const given = options(source === "stored" ? [STORED] : [], {
          ...{ name, filter, from: source === "stored" ? null : "pacs", patienceSeconds: 60 },
        });
        const { backfill } = await startBackfill(connection, new AxialClient(connection), given);
        expect(lossy.broken).toEqual(["POST /api/v1/backfills"]);
        const page = await client.json<{ backfills: BackfillSummary[] }>("/api/v1/backfills");
        const started = page.backfills.filter((one) => one.name === name);
        expect(started.map(({ id }) => id)).toEqual([backfill.id]);
        await act(backfill.id, "cancel");
      } finally {
        await lossy.close();
      }
    },
  );

  it("runs again what failed, by route and by command", async () => {
    const folderOfTwo = join(folder, "late");
    const uids = await writeStudies(folderOfTwo, ["brain", "brain"], 1);
    const list = join(folder, "late.ndjson");
    await writeFile(list, uids.map((study) => JSON.stringify({ study })).join("\n"));
    const id = await start([list], { name: "late" });
    expect((await over(id)).items).toMatchObject({ failed: 2, done: 0 });
    const files = await Promise.all(
      uids.map((_, index) => readFile(join(folderOfTwo, `study-${index}`, "0"))),
    );
    await client.store(files.slice(0, 1));
    await act(id, "retry");
    expect((await over(id)).items).toMatchObject({ failed: 1, done: 1 });
    expect((await itemsOf(id)).map(({ state }) => state).toSorted()).toEqual(["done", "failed"]);

    await client.store(files.slice(1));
    const flags = ["--url", axial.url, "--key", axial.key];
    await runAxial(["backfill", "retry", "late", "--failed", ...flags]);
    expect((await over(id)).items).toMatchObject({ failed: 0, done: 2 });
  });

  it.each(["stdout", "stderr"] as const)("ends quietly when %s is closed", async (closed) => {
    const flags = ["--url", axial.url, "--key", axial.key];
    const tree = join(folder, "closed");
    await writeStudies(tree, ["brain"], 1);
    // The one prints its table, the other says on stderr what it would do.
    const command =
      closed === "stdout"
        ? ["backfill", "list"]
        : [
            "backfill",
            "start",
            tree,
            "--yes",
            "--json",
            "--journal",
            join(folder, "closed-journal"),
          ];
    const child = spawn(process.execPath, [CLI, ...command, ...flags]);
    child[closed].destroy();
    let said = "";
    const other = closed === "stdout" ? child.stderr : child.stdout;
    other.on("data", (piece: Buffer) => (said += piece.toString()));
    const [code, signal] = await once(child, "close");
    expect([code, signal, said]).toEqual([0, null, ""]);
  });

  it("of another tenant is started by a key of the home tenant's admin", async () => {
    await client.post("/api/v1/tenants", { id: "clinic" });
    const keyOf = async (role: string, tenant: string) =>
      (await client.post<{ key: string }>("/api/v1/keys", { name: "it", role, tenant })).key;
    const [home, clinic] = [await keyOf("admin", "default"), await keyOf("operator", "clinic")];
    const tree = join(folder, "clinic");
    await writeStudies(tree, ["brain"]);
    const cli = async (args: readonly string[], key = home) =>
      JSON.parse(await runAxial(["backfill", ...args, "--url", axial.url, "--key", key, "--json"]));
    const start = ["start", tree, "--models", MODEL, "--yes"];
    const journal = ["--journal", join(folder, "journal-of-clinic")];
    const { backfill, sent } = await cli([...start, ...journal, "--tenant", "clinic"]);
    expect(sent.items).toMatchObject({ new: 3 });
    const ofClinic = new AxialClient({ ...axial, key: clinic });
    const done = await eventually(
      "the clinic's backfill is over",
      async () => {
        const seen = await ofClinic.json<BackfillView>(`/api/v1/backfills/${backfill.id}`);
        return seen.state === "done" && seen;
      },
      WITHIN_MS,
    );
    expect(done.items).toMatchObject({ done: 1, failed: 0 });
    expect((await cli(["show", backfill.id, "--tenant", "clinic"])).id).toBe(backfill.id);
    await expect(cli(["show", backfill.id])).rejects.toThrow("no such backfill");
    for (const args of [
      [...start, "--tenant", "default"],
      ["list", "--tenant", "default"],
    ]) {
      await expect(cli(args, clinic)).rejects.toThrow("the key is one of another tenant");
    }
  });

  it("runs two versions side by side, and compares them", async () => {
    const uids = await writeStudies(join(folder, "compared"), ["brain", "brain-with-mass", "knee"]);
    const id = await start([join(folder, "compared")], { models: [OLD, NEW] });
    expect((await over(id)).items).toMatchObject({ done: 2, refused: 1 });
    const file = join(folder, "compared.ndjson");
    expect(await exportBackfill(client, { id, format: "ndjson", file, secret: null })).toBe(6);
    const rows = (await readFile(file, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as BackfillResult);
    const byVersion = (version: string) =>
      rows.filter((row) => row.version === version && row.outcome === "prediction");
    expect([byVersion("0.9.0"), byVersion("1.0.0")].map(({ length }) => length)).toEqual([2, 2]);
    // Refusals name the version too.
    const refused = rows.filter(({ outcome }) => outcome === "refusal");
    expect(refused.map(({ version }) => version).toSorted()).toEqual(["0.9.0", "1.0.0"]);

    const query = new URLSearchParams({ a: OLD, b: NEW });
    const path = `/api/v1/backfills/${id}/comparison`;
    const comparison = await client.json<Comparison>(`${path}?${query}`);
    expect(comparison).toMatchObject({ studies: 3, pairs: 2, onlyA: 0, onlyB: 0 });
    const labels = (version: string) =>
      new Map(byVersion(version).map(({ study, label }) => [study, label]));
    const [old, fresh] = [labels("0.9.0"), labels("1.0.0")];
    const differing = uids.filter((uid) => old.get(uid) !== fresh.get(uid));
    expect(differing.length).toBeGreaterThan(0);
    expect(comparison.distributions).toMatchObject([
      { name: "appearance", pairs: 2, agreement: (2 - differing.length) / 2, weightedKappa: null },
    ]);
    const disagreements: Disagreement[] = [];
    for await (const one of readDisagreements(client, path, query)) disagreements.push(one);
    expect(disagreements.map(({ study }) => study).toSorted()).toEqual(differing.toSorted());
    for (const { study, a, b, links } of disagreements) {
      expect([a.label, b.label]).toEqual([old.get(study), fresh.get(study)]);
      expect(links.study).toBe(`${axial.url}/api/v1/studies/${study}`);
    }
    const same = new URLSearchParams({ a: NEW, b: NEW });
    await expect(client.json(`${path}?${same}`)).rejects.toMatchObject({ status: 400 });
  });

  it("reports the version in use alone of two that it ran, and records both", async () => {
    const destination = { kind: "folder", name: "share", folder: "pacs" };
    await client.post("/api/v1/destinations", { ...destination, formats: ["sr", "json", "fhir"] });
    const tree = join(folder, "shadowed");
    const uids = await writeStudies(tree, ["brain-with-mass", "knee"], 2);
    const id = await start([tree], { models: [OLD, NEW] });
    expect((await over(id)).items).toMatchObject({ done: 1, refused: 1 });
    for (const uid of uids) {
      const view = await client.studies.get(uid);
      const path = `/api/v1/studies/${uid}`;
      const report = await client.json<ReportedVersions>(`${path}/report.json`);
      if (view.predictions.length > 0) {
        const arms = view.predictions.map(({ model, arm }) => [model.version, arm]);
        expect(arms.toSorted()).toEqual([
          ["0.9.0", "shadow"],
          ["1.0.0", null],
        ]);
        expect(report.findings.map(({ model }) => model.version)).toEqual(["1.0.0"]);
      } else {
        expect(view.refusals).toHaveLength(2);
        expect(report.refusals).toHaveLength(1);
      }
      const [sr, fhir] = await Promise.all(
        ["report.sr", "report.fhir"].map(async (name) =>
          Buffer.from(await (await client.request(`${path}/${name}`)).arrayBuffer()),
        ),
      );
      const number = view.runs.find(({ current }) => current)?.number;
      const delivered = join(axial.data, "out", "default", "pacs", `${uid}-run-${number}`);
      const files = await eventually(
        "the destination has the run",
        async () => {
          const names = await readdir(delivered).catch(() => []);
          return names.length === 3 && names;
        },
        WITHIN_MS,
      );
      for (const file of files)
        expect(await readFile(join(delivered, file), "latin1")).not.toMatch(/\b0\.9\.0\b/);
      for (const bytes of [sr, fhir]) expect(bytes?.toString("latin1")).not.toMatch(/\b0\.9\.0\b/);
    }
  });

  const itemsOf = async (id: string) =>
    (await client.json<{ items: BackfillItemView[] }>(`/api/v1/backfills/${id}/items`)).items;
});

/**
 * Breaks the first connection of every method and path, before the request is passed on or once the
 * server has answered it, and passes on what comes after.
 */
async function flakyProxy(url: string, loses: "requests" | "answers" = "requests") {
  const broken = new Set<string>();
  const server = createServer((incoming, answer) => {
    const what = `${incoming.method} ${incoming.url}`;
    const breaks = !broken.has(what);
    broken.add(what);
    if (breaks && loses === "requests") {
      incoming.socket.destroy();
      return;
    }
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? "/", url), { method, headers }, (from) => {
      if (breaks) {
        from.resume().once("end", () => incoming.socket.destroy());
        return;
      }
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(answer);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get broken() {
      return [...broken];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
