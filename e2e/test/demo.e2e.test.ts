import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StudyView } from "@axial/contracts";
import { eventually } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { childrenOf, runningOf } from "../src/child-processes.ts";
import { TestProcess } from "../src/processes.ts";

/** A demo starts everything and loads every model: slow on a busy machine, hung only beyond this. */
const HANG_MS = 300_000;
const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function axial(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

function startUp(data: string): TestProcess {
  return new TestProcess("up", { script: CLI, args: ["up", "--port", "0", "--data", data] });
}

describe("one machine", () => {
  let data: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "axial-demo-test-"));
    await chmod(data, 0o755);
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  it(
    "the demo prints only JSON, with predictions and one refusal, and exits 0",
    async () => {
      const ended = await axial("demo", "--once", "--json", "--port", "0", "--data", data);
      expect(ended.code, ended.stderr).toBe(0);
      const { results } = JSON.parse(ended.stdout) as { results: StudyView[] };
      expect(results.flatMap((study) => study.predictions).length).toBeGreaterThan(0);
      expect(results.flatMap((study) => study.refusals).map(({ code }) => code)).toContain(
        "wrong-body-part",
      );
      const domains = results.flatMap((study) => study.predictions).map(({ domain }) => domain);
      expect(domains).toContainEqual(expect.objectContaining({ inDomain: false }));
    },
    HANG_MS,
  );

  it(
    "a reader that closes the pipe early causes no error",
    async () => {
      const phantoms = join(data, "phantoms");
      expect((await axial("demo", "--write", phantoms)).code).toBe(0);
      const child = spawn(process.execPath, [CLI, "explain", phantoms], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      child.stdout.destroy();
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const code = await new Promise((resolve) => child.once("close", resolve));
      await rm(phantoms, { recursive: true });
      expect([code, stderr]).toEqual([0, ""]);
    },
    HANG_MS,
  );

  it(
    "the demo says what of the files given to it was not taken, and exits 1",
    async () => {
      const junk = join(data, "junk.dcm");
      await writeFile(junk, "no DICOM");
      const ended = await axial("demo", junk, "--once", "--port", "0", "--data", data);
      await rm(junk);
      expect(ended.stdout).toBe(
        `0 instances of 0 studies stored, 0 refused, 1 file not DICOM\n    ${junk}: not-dicom\n`,
      );
      expect(ended.code, ended.stderr).toBe(1);
    },
    HANG_MS,
  );

  it(
    "axial up keeps key and data, gives its port to no second one, and leaves no process behind",
    async () => {
      const up = startUp(data);
      const url = await eventually(
        "it is ready",
        () => /^ready (\S+)$/m.exec(up.output)?.[1],
        60_000,
      );
      expect(up.output).not.toContain("shown once");
      const key = (await readFile(join(data, "admin-key"), "utf8")).trim();
      const answer = await fetch(`${url}/api/v1/studies`, {
        headers: { authorization: `Bearer ${key}` },
      });
      const { studies } = (await answer.json()) as { studies: unknown[] };
      expect(studies).toHaveLength(3);
      await aTakenPortIsASentence(new URL(url).port);
      const children = childrenOf(up.pid);
      expect(children.length).toBeGreaterThanOrEqual(2);
      expect(await up.end("SIGINT")).toBe(0);
      // PostgreSQL's tether alone outlives it, for a moment: it ends because its starter has.
      expect(runningOf(children).length).toBeLessThanOrEqual(1);
      await eventually("no child is left", () => runningOf(children).length === 0);
    },
    HANG_MS,
  );

  async function aTakenPortIsASentence(port: string): Promise<void> {
    const other = `${data}-other`;
    const second = await axial("up", "--port", port, "--data", other);
    await rm(other, { recursive: true, force: true });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/axial: port \d+ is taken/);
  }
});
