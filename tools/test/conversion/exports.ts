import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type * as layers from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-wasm";
import type { ImportOptions } from "../../src/conversion/index.ts";

/** The files of an export, as a test changes them. */
export interface Export {
  // biome-ignore lint/suspicious/noExplicitAny: tests write what no reader expects
  json: any;
  weights: Uint8Array;
  // biome-ignore lint/suspicious/noExplicitAny: tests write what no reader expects
  metadata: any;
}

/** Weights like trained ones: small, of both signs, variances above zero. */
export function randomise(model: layers.LayersModel): void {
  model.layers.forEach((layer, index) => {
    const values = layer.weights.map(({ shape, name }, at) => {
      const sizes = shape.map((size) => size ?? 1);
      const seed = index * 10 + at + 1;
      return name.includes("variance") || name.includes("gamma")
        ? tf.randomUniform(sizes, 0.5, 1.5, "float32", seed)
        : tf.randomNormal(sizes, 0, 0.25, "float32", seed);
    });
    layer.setWeights(values);
  });
}

/** What TensorFlow.js saves of `model`, with metadata as Teachable Machine writes it. */
export async function exportOf(model: layers.LayersModel, labels: string[]): Promise<Export> {
  let saved: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved;
  return {
    json: { modelTopology, weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }] },
    weights: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
    metadata: { labels, packageName: "@teachablemachine/image", modelName: "made for a test" },
  };
}

/** An empty folder that holds exports and packages. */
export class Workplace {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async open(): Promise<Workplace> {
    await tf.setBackend("wasm");
    return new Workplace(await mkdtemp(join(tmpdir(), "axial-conversion-")));
  }

  get models(): string {
    return join(this.root, "models");
  }

  /** Writes the files and returns the folder. */
  async write({ json, weights, metadata }: Export): Promise<string> {
    const folder = await mkdtemp(join(this.root, "export-"));
    await writeFile(join(folder, "model.json"), JSON.stringify(json));
    await writeFile(join(folder, "weights.bin"), weights);
    if (metadata !== null) await writeFile(join(folder, "metadata.json"), JSON.stringify(metadata));
    return folder;
  }

  options(source: string, more: Partial<ImportOptions> = {}): ImportOptions {
    const named = { id: "imported", version: "1.0.0", evidence: "synthetic" } as const;
    return { source, models: this.models, force: true, activation: "none", ...named, ...more };
  }

  close(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
