import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxialClient } from "@axial/client";
import type { Canary } from "@axial/contracts";
import { eventually, phantomSeries, TINY_MODEL_ID } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installVersion } from "./support/model-versions.ts";
import { runAxial } from "./support/run-axial.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

const STUDIES = 12;
const WITHIN_MS = 120_000;

describe("axial canary", () => {
  let axial: TestStack;
  let client: AxialClient;
  let models: string;
  beforeAll(async () => {
    models = await mkdtemp(join(tmpdir(), "axial-canary-"));
    await installVersion(models, "1.1.0");
    await installVersion(models, "0.9.0", (head) => {
      head.labels = head.labels.toReversed();
    });
    axial = await startTestStack(1, models);
    client = new AxialClient(axial);
  });
  afterAll(async () => {
    await axial.close();
    await rm(models, { recursive: true, force: true });
  });

  const cli = (...args: string[]) =>
    runAxial(["canary", ...args, "--url", axial.url, "--key", axial.key]);
  const shown = async (): Promise<Canary> => JSON.parse(await cli("show", TINY_MODEL_ID, "--json"));

  /** Versions and arms that one study after the other was answered by, and its UID. */
  async function answers(seeds: readonly number[]) {
    const uids: string[] = [];
    for (const seed of seeds) {
      const { studyUid, files } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed });
      await client.store(files, { close: true });
      uids.push(studyUid);
    }
    const answered = await eventually(
      "the studies are answered",
      async () => {
        const views = await Promise.all(uids.map((uid) => client.studies.get(uid)));
        return views.every(({ state }) => state === "complete") && views;
      },
      WITHIN_MS,
    );
    return answered.flatMap(({ study, predictions }) =>
      predictions.map(({ model, arm }) => ({ study, version: model.version, arm })),
    );
  }

  it.each([
    [["start", TINY_MODEL_ID, "--percent", "10"], "name a version"],
    [["start", `${TINY_MODEL_ID}@1.1.0`], "--percent"],
    [["start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "0"], "percent"],
    [["start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "100"], "percent"],
    [["start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "12.5"], "percent"],
    [["start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "some"], "percent"],
    [["start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "10", "--sticky"], "unknown option"],
    [["start", `${TINY_MODEL_ID}@7.0.0`, "--percent", "10"], "not installed"],
    [["start", `${TINY_MODEL_ID}@0.9.0`, "--percent", "10"], "other heads or labels"],
    [["promote", TINY_MODEL_ID], "not chosen"],
    [["rollback", TINY_MODEL_ID], "not chosen"],
  ])("refuses %j and says why", async (args, why) => {
    await expect(cli(...args)).rejects.toThrow(why);
    expect(await cli("list")).toBe("every model runs its newest version\n");
  });

  it("routes its share of studies to it, and each result records the arm", async () => {
    const begun = await cli(
      ...["start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "50", "--stable", "1.0.0"],
    );
    expect(begun).toMatch(/50 % get 1\.1\.0, the rest 1\.0\.0/);
    const seen = await answers(Array.from({ length: STUDIES }, (_, index) => index + 1));
    expect(seen).toHaveLength(STUDIES);
    for (const { version, arm } of seen) expect(version).toBe(arm === "canary" ? "1.1.0" : "1.0.0");
    const got = (arm: string) => seen.filter((one) => one.arm === arm).length;
    expect(got("canary") + got("stable")).toBe(STUDIES);
    expect(Math.min(got("canary"), got("stable"))).toBeGreaterThan(0);
    const canary = await shown();
    expect(canary).toMatchObject({
      percent: 50,
      stable: { version: "1.0.0", predictions: got("stable"), failures: 0, unfinished: 0 },
      canary: { version: "1.1.0", predictions: got("canary"), failures: 0, unfinished: 0 },
    });
    expect(Object.values(canary.canary?.labels ?? {})).toEqual([got("canary")]);
    const { results } = await client.json<{ results: { study: string; arm: string }[] }>(
      `/api/v1/results?model=${TINY_MODEL_ID}&version=1.1.0`,
    );
    const chosen = seen.filter(({ arm }) => arm === "canary").map(({ study }) => study);
    expect(results.map(({ study }) => study).toSorted()).toEqual(chosen.toSorted());
    expect(new Set(results.map(({ arm }) => arm))).toEqual(new Set(["canary"]));
  });

  it("keeps the studies that had it when its share grows, and leaves backfills alone", async () => {
    const before = await answers([1, 2, 3]);
    expect(await cli("start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "99")).toContain("99 %");
    for (const { study, arm } of before) {
      if (arm === "canary") await client.studies.rerun(study);
    }
    const { studyUid, files } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed: 90 });
    await client.store(files, { close: true, lane: "backfill" });
    const backfilled = await eventually(
      "the backfilled study is answered",
      async () => {
        const view = await client.studies.get(studyUid);
        return view.state === "complete" && view;
      },
      WITHIN_MS,
    );
    const [answer] = backfilled.predictions;
    expect([answer?.model.version, answer?.arm]).toEqual(["1.0.0", "stable"]);
  });

  it("takes it back, and promotes it, by one command each", async () => {
    expect(await cli("rollback", TINY_MODEL_ID)).toBe(
      `all traffic of ${TINY_MODEL_ID} gets 1.0.0\n`,
    );
    expect(await cli("list")).toContain(`${TINY_MODEL_ID}: held at 1.0.0`);
    expect(await answers([50])).toMatchObject([{ version: "1.0.0", arm: null }]);
    await cli("start", `${TINY_MODEL_ID}@1.1.0`, "--percent", "5");
    const promoted = await cli("promote", TINY_MODEL_ID, "--json");
    expect(JSON.parse(promoted)).toEqual({ model: TINY_MODEL_ID, version: "1.1.0" });
    expect(await answers([51])).toMatchObject([{ version: "1.1.0", arm: null }]);
    expect(await cli("list")).toBe("every model runs its newest version\n");
    await expect(cli("promote", TINY_MODEL_ID)).rejects.toThrow("not chosen");
  });
});
