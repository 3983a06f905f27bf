import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, phantomSeries, TINY_MODELS } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";
import { multipartRelated } from "../src/stow.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
/** A busy machine takes seconds to start a command. */
const TEST_WITHIN_MS = 180_000;

interface Said {
  readonly code: number;
  readonly out: string;
}

describe("what an operator types", () => {
  let axial: OneMachine;
  let elsewhere: string;

  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), "axial-e2e-operator-"));
    axial = await startOneMachine();
  }, TEST_WITHIN_MS);
  afterAll(async () => {
    await axial?.stop();
    await rm(elsewhere, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const env = { ...process.env, AXIAL_URL: axial.url, AXIAL_API_KEY: axial.key };
      execFile(process.execPath, [CLI, ...args], { env, cwd: elsewhere }, (error, out) => {
        resolve({
          code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1,
          out,
        });
      });
    });
  const json = async (...args: string[]) => {
    const { code, out } = await run(...args, "--json");
    expect(code, args.join(" ")).toBe(0);
    return JSON.parse(out);
  };

  it(
    "status, top and doctor see a worker, and say so in text and JSON",
    async () => {
      await eventually("the worker is seen", async () => {
        const { lanes } = await json("status");
        return lanes.every(({ capacity }: { capacity: number }) => capacity > 0);
      });
      expect((await run("status")).out).toMatch(/^stat +0 +0 +0 +0 s +1 +\d+$/m);
      expect((await run("top", "--times", "1", "--json")).out.trim().split("\n")).toHaveLength(1);
      // Its exit code is about this machine too, which may be slow.
      const findings = JSON.parse((await run("doctor", "--models", TINY_MODELS, "--json")).out);
      const of = (check: string) =>
        findings.find((finding: { check: string }) => finding.check === check);
      expect(of("workers")).toMatchObject({ ok: true, found: "stat 1, routine 1, backfill 1" });
      for (const check of ["server", "queue", "clocks", "versions", "dead letters"]) {
        expect(of(check), check).toMatchObject({ ok: true });
      }
    },
    TEST_WITHIN_MS,
  );

  it(
    "study show, close, rerun, hold and cancel",
    async () => {
      const { studyUid, files } = phantomSeries({ kind: "brain", slices: 6, size: 64, seed: 5 });
      const { contentType, body } = multipartRelated(files);
      const headers = { "content-type": contentType, authorization: `Bearer ${axial.key}` };
      const sent = await fetch(`${axial.url}/dicom-web/studies`, { method: "POST", headers, body });
      expect(sent.status).toBe(200);
      expect((await json("study", "close", studyUid)).state).toBe("closed");
      await eventually("it is complete", async () => {
        return (await json("study", "show", studyUid)).state === "complete";
      });
      expect((await json("study", "rerun", studyUid)).state).toBe("closed");
      const held = await json("study", "hold", studyUid, "--reason", "asked for by the court");
      expect(held).toEqual({ study: studyUid, held: true });
      expect((await json("study", "show", studyUid)).hold).toBeTruthy();
      await json("study", "unhold", studyUid);
      expect((await json("study", "cancel", studyUid)).study).toBe(studyUid);
      expect((await run("study", "show", "1.2.3")).code).toBe(1);
    },
    TEST_WITHIN_MS,
  );

  it(
    "tenant, key and dlq",
    async () => {
      await json("tenant", "create", "radiology", "weight=2");
      await json("key", "create", "PACS of radiology", "--tenant", "radiology");
      const changed = await json("tenant", "set", "radiology", "paused=true", "weight=3");
      expect(changed).toMatchObject({ id: "radiology", paused: true, weight: 3 });
      expect(await json("lane", "pause", "backfill", "--reason", "disk")).toEqual({
        lane: "backfill",
        paused: true,
      });
      const { lanes } = await json("lane", "list");
      expect(lanes.map(({ paused }: { paused: boolean }) => paused)).toEqual([false, false, true]);
      await json("lane", "resume", "backfill");
      const { tenants } = await json("tenant", "list");
      expect(tenants.map(({ id }: { id: string }) => id)).toContain("radiology");
      const key = await json("key", "create", "PACS", "--role", "sender");
      await json("key", "revoke", key.id);
      const { keys } = await json("key", "list");
      expect(keys.find(({ id }: { id: string }) => id === key.id)?.revokedAt).toBeTruthy();
      expect(await json("dlq", "list", "--by-code")).toEqual({ total: 0, codes: [] });
      expect(await json("dlq", "replay", "--all", "--dry-run")).toEqual({
        matched: 0,
        replayed: 0,
      });
    },
    TEST_WITHIN_MS,
  );

  it(
    "audit list has pages and filters, and export says what it wrote",
    async () => {
      await eventually("the key's making is on record", async () => {
        const { entries } = await json("audit", "list", "--action", "key.create");
        return entries.length > 0;
      });
      const two = await json("audit", "list", "--limit", "2");
      expect(two.entries).toHaveLength(2);
      expect(two.next).toBeTruthy();
      const all = await json("audit", "list", "--all");
      expect(all.next).toBeNull();
      expect(all.entries.length).toBeGreaterThan(2);
      const created = await json("audit", "list", "--action", "key.create", "--all");
      for (const { action } of created.entries) expect(action).toBe("key.create");
      expect((await json("audit", "list", "--action", "no.such")).entries).toEqual([]);
      expect((await run("audit", "list", "--limit", "1")).out).toContain("there are more");
      const file = join(elsewhere, "audit.ndjson");
      expect(await json("audit", "export", "--out", file)).toMatchObject({
        file,
        format: "ndjson",
      });
      expect((await run("audit", "export", "--json")).code).toBe(1);
    },
    TEST_WITHIN_MS,
  );
});
