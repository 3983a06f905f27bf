import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, freePort, phantomSeries, TINY_MODELS } from "@axial/testkit";
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
    const environment = { AXIAL_DESTINATION_NETWORKS: "127.0.0.1" };
    axial = await startOneMachine(TINY_MODELS, { environment });
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
      expect((await run("status")).out).toMatch(/^stat +0 +0 +0 s +1 +\d+$/m);
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
      await expectOwnObjects(studyUid);
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

  /** The report and its heat maps, by QIDO-RS and WADO-RS, as the report's own route has them. */
  async function expectOwnObjects(study: string): Promise<void> {
    const get = async (path: string, accept: string) => {
      const headers = { authorization: `Bearer ${axial.key}`, accept };
      const answer = await fetch(`${axial.url}${path}`, { headers });
      expect(answer.ok, path).toBe(true);
      return Buffer.from(await answer.arrayBuffer());
    };
    const at = `/dicom-web/studies/${study}`;
    type Found = Record<string, { readonly Value?: readonly string[] }>;
    const found = async (modality: string): Promise<Found[]> => {
      const path = `${at}/instances?Modality=${modality}`;
      return JSON.parse((await get(path, "application/dicom+json")).toString());
    };
    const [sr] = await eventually("the report is found", async () => {
      const reports = await found("SR");
      return reports.length === 1 && reports;
    });
    const uid = (tag: string) => sr?.[tag]?.Value?.[0] ?? "";
    const file = `${at}/series/${uid("0020000E")}/instances/${uid("00080018")}`;
    const stored = await get(file, "application/dicom; transfer-syntax=*");
    const report = await get(`/api/v1/studies/${study}/report.sr`, "application/dicom");
    expect(stored.equals(report)).toBe(true);
    expect((await found("OT")).length).toBeGreaterThan(0);
  }

  it(
    "ae, source and pull",
    async () => {
      const titles = ["AXIAL_CT", "--calling", "CT_1", "--lane", "stat", "--close-on-release"];
      const entity = await json("ae", "add", ...titles, "--host", "ct-1.local", "--port", "104");
      expect(entity).toMatchObject({ calledTitle: "AXIAL_CT", callingTitle: "CT_1", lane: "stat" });
      expect((await run("ae", "add", ...titles)).code).toBe(1);
      expect((await run("ae", "list")).out).toMatch(/AXIAL_CT +CT_1 +default +stat/);
      expect(await json("ae", "remove", entity.id)).toEqual({ removed: entity.id });
      expect((await run("ae", "remove", entity.id)).code).toBe(1);

      const at = ["--host", "127.0.0.1", "--port", String(await freePort()), "--called", "PACS"];
      expect(await json("source", "add", "dimse", "pacs", ...at)).toMatchObject({
        ...{ name: "pacs", kind: "dimse", target: { calledTitle: "PACS" } },
      });
      expect((await run("source", "check", "pacs")).code).toBe(1);
      expect((await run("pull", "pacs", "--patient", "P-1")).code).toBe(1);
      const { pulls } = await json("pull", "pacs", "1.2.3.4", "--priors", "1");
      expect(pulls).toMatchObject([{ study: "1.2.3.4", state: "waiting", priors: 1 }]);
      expect(await json("source", "cancel", pulls[0].id)).toMatchObject({ state: "cancelled" });
      expect((await run("source", "pulls")).out).toMatch(/pacs +1\.2\.3\.4 +cancelled/);
      const filter = "from=20240101,to=20240102";
      const start = ["backfill", "start", "--source", "pacs", "--filter", filter, "--yes"];
      expect((await run(...start)).code).toBe(1);
      await json("source", "remove", "pacs");
      expect(await json("source", "list")).toEqual({ sources: [] });
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
});
