import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Canary } from "@axial/contracts";
import { TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE, phantom, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { stow } from "./stow.ts";

const PATH = `/api/v1/canaries/${TINY_MODEL_ID}`;
const WITHIN_MS = 120_000;

describe("a canary", () => {
  let gateway: TestGateway;
  let models: string;
  beforeAll(async () => {
    models = await mkdtemp(join(tmpdir(), "axial-canary-models-"));
    await install("1.0.0");
    await install("2.0.0");
    await install("3.0.0", (manifest) => {
      manifest.heads[0].labels.push({ id: "another", display: "Another" });
    });
    await install("4.0.0", (manifest) => {
      manifest.evidence = "synthetic";
    });
    gateway = await startGateway({ modelsDir: models });
  });
  afterAll(async () => {
    await gateway.close();
    await rm(models, { recursive: true, force: true });
  });

  // biome-ignore lint/suspicious/noExplicitAny: the test edits what the schema has types for
  async function install(version: string, edit: (manifest: any) => void = () => {}) {
    const folder = join(models, TINY_MODEL_ID, version);
    await cp(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"), folder, { recursive: true });
    const file = join(folder, "model.json");
    const manifest = { ...JSON.parse(await readFile(file, "utf8")), version };
    edit(manifest);
    await writeFile(file, JSON.stringify(manifest));
  }

  async function ask(method: string, path: string, body?: object) {
    const answer = await fetch(`${gateway.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${gateway.key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  const shown = async () => (await ask("GET", PATH)).body as unknown as Canary;
  const start = (body: object) => ask("PUT", PATH, body);
  const { planned, tasksOf } = plansOf(() => gateway);

  /** Version and arm of the task that a study gets. */
  async function versionOf(seed: number, headers: Record<string, string> = {}) {
    const { studyUid, files } = phantom(seed, "brain", 3);
    await stow(gateway, files, { ...CLOSE, ...headers });
    const [run] = await planned(studyUid);
    return (await tasksOf(run?.id)).map((task) => [task.model_version, task.arm]);
  }

  it("is refused for what cannot be compared", async () => {
    const refusals = [
      [{ version: "2.0.0", percent: 0 }, 400],
      [{ version: "2.0.0", percent: 100 }, 400],
      [{ version: "2.0.0", percent: 12.5 }, 400],
      [{ version: "2.0.0", percent: 10, sticky: true }, 400],
      [{ version: "9.0.0", percent: 10 }, 404],
      [{ version: "2.0.0", percent: 10, stable: "9.0.0" }, 404],
      [{ version: "2.0.0", percent: 10, stable: "2.0.0" }, 409],
      [{ version: "3.0.0", percent: 10, stable: "1.0.0" }, 409],
      [{ version: "4.0.0", percent: 10, stable: "1.0.0" }, 409],
    ] as const;
    for (const [body, status] of refusals) {
      expect((await start(body)).status, JSON.stringify(body)).toBe(status);
    }
    expect((await ask("POST", `${PATH}/promote`)).status).toBe(404);
    expect((await ask("GET", PATH)).status).toBe(404);
  });

  it(
    "gets its share of live studies, which is recorded, and a backfill gets none",
    async () => {
      const begun = await start({ version: "2.0.0", percent: 50, stable: "1.0.0" });
      expect(begun).toMatchObject({ status: 200, body: { model: TINY_MODEL_ID, percent: 50 } });
      const arms = new Map<string, number>();
      for (let seed = 1; seed <= 12; seed += 1) {
        const [[version, arm] = []] = await versionOf(seed);
        expect(version).toBe(arm === "canary" ? "2.0.0" : "1.0.0");
        arms.set(arm ?? "none", (arms.get(arm ?? "none") ?? 0) + 1);
      }
      expect([...arms.keys()].toSorted()).toEqual(["canary", "stable"]);
      for (let seed = 21; seed <= 24; seed += 1) {
        expect(await versionOf(seed, { "axial-lane": "backfill" })).toEqual([["1.0.0", "stable"]]);
      }
      const named = { "axial-models": `${TINY_MODEL_ID}@1.0.0,${TINY_MODEL_ID}@2.0.0` };
      const both = await versionOf(31, named);
      expect(both.map(([version]) => version)).toEqual(["1.0.0", "2.0.0"]);
      // One of them answers, and the other is its shadow.
      expect(both.map(([, arm]) => arm)).toContain("shadow");
      expect(both.filter(([, arm]) => arm === "shadow")).toHaveLength(1);
      const body = await shown();
      expect(body.canary).toMatchObject({ version: "2.0.0", installed: true });
      expect(body.canary?.unfinished).toBe(arms.get("canary"));
      expect(body.stable.unfinished).toBe((arms.get("stable") ?? 0) + 4);
    },
    WITHIN_MS,
  );

  it("changes its share, is rolled back and promoted by one command each, audited", async () => {
    const before = await shown();
    const more = await start({ version: "2.0.0", percent: 99 });
    expect(more.body).toMatchObject({ percent: 99, since: before.since });
    expect((await start({ version: "3.0.0", percent: 10 })).status).toBe(409);
    expect((await ask("POST", `${PATH}/hold`)).status).toBe(409);

    const back = await ask("POST", `${PATH}/rollback`);
    expect(back).toMatchObject({ status: 200, body: { version: "1.0.0" } });
    // Newer versions are installed, and stay unused.
    expect(await versionOf(41)).toEqual([["1.0.0", null]]);

    expect((await start({ version: "2.0.0", percent: 5 })).status).toBe(200);
    const promoted = await ask("POST", `${PATH}/promote`);
    expect(promoted).toMatchObject({ status: 200, body: { version: "2.0.0" } });
    expect(await versionOf(42)).toEqual([["2.0.0", null]]);
    expect(await ask("POST", `${PATH}/release`)).toMatchObject({ body: { version: "4.0.0" } });
    expect((await ask("GET", "/api/v1/canaries")).body).toEqual({ canaries: [] });

    const entries = await gateway.db
      .selectFrom("audit")
      .select(["action", "target", "detail"])
      .where("action", "like", "canary.%")
      .orderBy("id")
      .execute();
    expect(entries.map(({ action }) => action)).toEqual([
      ...["canary.start", "canary.start", "canary.rollback", "canary.start"],
      ...["canary.promote", "canary.release"],
    ]);
    expect(entries[0]).toMatchObject({
      target: TINY_MODEL_ID,
      detail: { version: "2.0.0", percent: 50, stable: "1.0.0" },
    });
  });

  it("is for admins of the installation", async () => {
    const made = await ask("POST", "/api/v1/keys", { name: "operator", role: "operator" });
    const answer = await fetch(`${gateway.url}${PATH}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${made.body.key}`, "content-type": "application/json" },
      body: JSON.stringify({ version: "2.0.0", percent: 10 }),
    });
    expect(answer.status).toBe(403);
  });
});
