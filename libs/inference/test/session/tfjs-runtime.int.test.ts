import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { copyTinyModel, type ModelCopy } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const INFER = fileURLToPath(new URL("./stub-peer/infer.ts", import.meta.url));

/** The peers replace the backend of a whole process, so each case has a process of its own. */
describe("a TensorFlow.js network where the native peers are installed", () => {
  let model: ModelCopy;
  beforeAll(async () => {
    model = await copyTinyModel({ runtime: "tfjs" });
  });
  afterAll(() => model.remove());

  async function infer(provider: string, peer: string): Promise<unknown> {
    const env = { ...process.env, STUB_PEER: peer };
    const { stdout } = await run(process.execPath, [INFER, model.folder, provider], { env });
    return JSON.parse(stdout);
  }

  it.each([
    ["cpu", "tfjs-node"],
    ["cuda", "tfjs-node-gpu"],
  ])("runs on %s although the peer calls functions that Node removed", async (provider, name) => {
    expect(await infer(provider, "works")).toEqual({ provider: name, cases: 3 });
  });

  it("runs on WebAssembly where the peer loads and its operations fail", async () => {
    expect(await infer("cpu", "broken")).toEqual({ provider: "tfjs-wasm", cases: 3 });
  });

  it.each([
    ["operations fail", "broken", "cannot run here"],
    ["library finds no device", "no-device", "found no CUDA device"],
  ])("is refused on CUDA where the %s", async (_what, peer, reason) => {
    await expect(infer("cuda", peer)).rejects.toMatchObject({
      stderr: expect.stringContaining(reason),
    });
  });
});
