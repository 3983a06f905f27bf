import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyTinyModel, type ModelCopy, queueBackends, TINY_MODELS } from "@axial/testkit";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type System, startSystem } from "../src/system.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));

/** Imports the tiny model's graph as if it came from elsewhere; returns the command's output. */
async function importOnnx(models: string): Promise<{ id: string; explanation: string }> {
  const source = join(TINY_MODELS, "tiny-brain/1.0.0/weights.onnx");
  const named = ["--id", "from-elsewhere", "--labels", "Bright,Dark,Textured"];
  const options = [...named, "--output", "probabilities", "--models", models, "--json"];
  const child = spawn(process.execPath, [CLI, "models", "import", source, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  return JSON.parse(said);
}

const [backend] = queueBackends();

describe("models that were not trained here", () => {
  let copy: ModelCopy;
  let system: System;
  beforeAll(async () => {
    copy = await copyTinyModel({ runtime: "tfjs" });
    expect(await importOnnx(copy.root)).toMatchObject({ id: "from-elsewhere", explanation: "cam" });
    if (backend !== undefined) system = await startSystem(backend, copy.root);
  }, 240_000);
  afterAll(async () => {
    await system?.stop();
    await copy?.remove();
  });

  const predict = async (model: string, level: number) => {
    const background = { r: level, g: level, b: level };
    const image = sharp({ create: { width: 64, height: 64, channels: 3, background } });
    const answer = await system.fetch("gateway", `/api/v1/images?model=${model}&wait=60`, {
      method: "POST",
      headers: { "content-type": "image/png" },
      body: new Uint8Array(await image.png().toBuffer()),
    });
    expect(answer.status, await answer.clone().text()).toBe(200);
    const { predictions } = (await answer.json()) as {
      predictions: { provider: string; distributions: { label: string }[] }[];
    };
    return predictions[0];
  };

  it("an imported ONNX file answers", async () => {
    const prediction = await predict("from-elsewhere", 0);
    expect(prediction?.provider).toBe("cpu");
    expect(prediction?.distributions[0]?.label).toBe("dark");
  });

  it("a TensorFlow.js package answers, and says what ran it", async () => {
    const prediction = await predict("tiny-brain", 0);
    expect(prediction?.provider).toMatch(/^tfjs-(wasm|node)$/);
    expect(prediction?.distributions[0]?.label).toBe("dark");
  });
});
