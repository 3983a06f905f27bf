import { execFile } from "node:child_process";
import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxialClient } from "@axial/client";
import { phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const WITHIN_SECONDS = 120;

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

describe("axial result", () => {
  let axial: TestStack;
  let client: AxialClient;
  beforeAll(async () => {
    axial = await startTestStack(1);
    client = new AxialClient(axial);
  });
  afterAll(() => axial.close());

  function result(...args: string[]): Promise<Ended> {
    const command = [MAIN, "result", ...args, "--url", axial.url, "--key", axial.key];
    return new Promise((resolve) => {
      execFile(process.execPath, command, (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), lines: stdout.trimEnd().split("\n") }),
      );
    });
  }

  /** Every stored object loses its end, as on a disk with bad blocks. */
  async function damageBlobs(): Promise<void> {
    const folder = join(axial.data, "blobs");
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    await Promise.all(files.map(({ parentPath, name }) => truncate(join(parentPath, name), 400)));
  }

  it("exits 0 with the answer, then 1 beside it when all tasks of a rerun died", async () => {
    const { studyUid, files } = phantomSeries({ kind: "brain", slices: 3, size: 32, seed: 1 });
    await client.store(files, { close: true });
    await client.studies.wait(studyUid, WITHIN_SECONDS);
    const answered = await result(studyUid);
    expect(answered.code).toBe(0);
    expect(answered.lines[0]).toBe(`${studyUid}  complete  3 instances`);

    await damageBlobs();
    await client.studies.rerun(studyUid);
    const { failures, predictions } = await client.studies.wait(studyUid, WITHIN_SECONDS);
    expect(predictions).toHaveLength(1);
    const { code, lines } = await result(studyUid);
    const [dead] = failures;
    expect(code).toBe(1);
    expect(lines).toContain(answered.lines.at(-1));
    expect(lines).toContain(
      `died: task ${dead?.task} of run 2, ${dead?.model} on series ${dead?.series}: blob-corrupt (axial dlq list)`,
    );
    expect(lines).toContain(
      "run 2: rerun failed: all its tasks died; shown is the answer before it",
    );
    const json = await result(studyUid, "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.lines.join("\n"))).toMatchObject({ failures: [{ task: dead?.task }] });
  });
});
