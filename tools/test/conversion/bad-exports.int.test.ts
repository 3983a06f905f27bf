import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importTfjs } from "../../src/conversion/index.ts";
import { type Export, exportOf, randomise, Workplace } from "./exports.ts";
import { pooledClassifier } from "./networks.ts";

let place: Workplace;
let good: Export;
beforeAll(async () => {
  place = await Workplace.open();
  const model = pooledClassifier();
  randomise(model);
  good = await exportOf(model, ["a", "b", "c"]);
});
afterAll(() => place.close());

/** Names of everything below the folder of packages: a refused import leaves none. */
async function left(): Promise<string[]> {
  return (await readdir(place.models).catch(() => [])).filter((name) => name !== "kept");
}

async function refusal(source: string) {
  const thrown: unknown = await importTfjs(place.options(source)).catch((error: unknown) => error);
  expect(await left()).toEqual([]);
  return thrown;
}

type Damage = (files: Export) => void;

describe("an export that is damaged", () => {
  const CASES: [string, Damage, RegExp][] = [
    [
      "has its weights cut off",
      (f) => (f.weights = f.weights.slice(0, -4)),
      /weights take \d+ bytes/,
    ],
    ["has weights that are not numbers", (f) => f.weights.fill(255), /is not all numbers/],
    ["has a weight of another shape", (f) => weights(f)[0].shape.push(2), /weights take/],
    [
      "names a weights file elsewhere",
      (f) => paths(f, "../weights.bin"),
      /missing from the export/,
    ],
    ["names a weight twice", (f) => (weights(f)[1].name = weights(f)[0].name), /appears twice/],
    ["has weights of strings", (f) => (weights(f)[0].dtype = "string"), /type string/],
    ["has too few labels", (f) => f.metadata.labels.pop(), /3 outputs and 2 labels/],
    ["has too many labels", (f) => f.metadata.labels.push("d"), /3 outputs and 4 labels/],
    ["has a label twice", (f) => (f.metadata.labels[1] = "a"), /"a" appears twice/],
    ["has a label without a name", (f) => (f.metadata.labels[1] = " "), /label 2 has no name/],
    ["hears instead of seeing", (f) => (f.metadata.packageName = "@teachablemachine/pose"), /pose/],
    ["has no topology", (f) => delete f.json.modelTopology, /modelTopology/],
    ["has a topology of nothing", (f) => (f.json.modelTopology = {}), /cannot load the network/],
    [
      "lacks a layer's weight",
      (f) => (weights(f)[0].name = "other/kernel"),
      /cannot load the network/,
    ],
  ];
  it.each(CASES)("is refused when it %s", async (_what, damage, message) => {
    const files = { ...structuredClone(good), weights: good.weights.slice() };
    damage(files);
    expect(await refusal(await place.write(files))).toMatchObject({
      code: "invalid-model",
      message: expect.stringMatching(message),
    });
  });

  it("is refused when a file is missing, a link or not JSON", async () => {
    const folder = await place.write(good);
    await symlink("/etc/hostname", join(folder, "more.bin"));
    expect(await refusal(folder)).toMatchObject({ message: "more.bin is a link" });
    const empty = join(place.root, "empty");
    await mkdir(empty);
    expect(await refusal(empty)).toMatchObject({ message: /no model.json/ });
    await writeFile(join(empty, "model.json"), "{");
    await writeFile(join(empty, "metadata.json"), "{}{");
    expect(await refusal(empty)).toMatchObject({ message: "metadata.json is not JSON" });
    expect(await refusal(join(place.root, "nowhere"))).toMatchObject({ code: "invalid-request" });
  });
});

describe("a zip archive", () => {
  const files = (): Zippable => ({
    "model.json": Buffer.from(JSON.stringify(good.json)),
    "metadata.json": Buffer.from(JSON.stringify(good.metadata)),
    "weights.bin": good.weights,
  });
  const write = async (bytes: Uint8Array): Promise<string> => {
    const path = join(place.root, "export.zip");
    await writeFile(path, bytes);
    return path;
  };

  it("is imported, its files at the top or in one folder", async () => {
    const nested = { exported: files() as never };
    for (const content of [files(), nested]) {
      const source = await write(zipSync(content));
      const options = place.options(source, { models: join(place.root, "elsewhere") });
      expect(await importTfjs(options)).toMatchObject({ runtime: "onnx" });
    }
  });

  const LINK = { os: 3, attrs: (0o120777 << 16) >>> 0 };
  const HOSTILE: [string, () => Zippable, object][] = [
    [
      "a name that leads out of it",
      () => ({ ...files(), "../weights.bin": new Uint8Array(9) }),
      { code: "invalid-model", message: /invalid relative path/ },
    ],
    [
      "an absolute name",
      () => ({ ...files(), "/etc/weights.bin": new Uint8Array(9) }),
      { code: "invalid-model", message: /absolute path/ },
    ],
    [
      "a link",
      () => ({ ...files(), "more.bin": [Buffer.from("/etc/passwd"), LINK] }),
      { code: "invalid-model", message: /more.bin is a link/ },
    ],
    [
      "a bomb",
      () => ({ ...files(), "more.bin": new Uint8Array(3_000_000) }),
      { code: "limit-exceeded", message: /more.bin unfolds to more than 200 times/ },
    ],
    [
      "more files than any export",
      () =>
        Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`${i}`, new Uint8Array(1)])),
      { code: "limit-exceeded", message: /1001 files/ },
    ],
    ["no model.json", () => ({ "weights.bin": good.weights }), { message: /no model.json/ }],
  ];
  it.each(HOSTILE)("is refused with %s", async (_what, content, expected) => {
    expect(await refusal(await write(zipSync(content())))).toMatchObject(matching(expected));
  });

  it("is refused when a byte is changed, it is cut off, or it is no such file", async () => {
    const bytes = zipSync(files(), { level: 0 });
    const changed = bytes.slice();
    const at = Buffer.from(bytes).indexOf(Buffer.from(good.weights.slice(0, 64)));
    changed[at + 2] = (changed[at + 2] ?? 0) ^ 1;
    expect(await refusal(await write(changed))).toMatchObject({ message: /its checksum/ });
    const cut = bytes.slice(0, bytes.length / 2);
    expect(await refusal(await write(cut))).toMatchObject({ message: /cannot be read/ });
    expect(await refusal(await write(Buffer.from("<html>")))).toMatchObject({
      code: "invalid-model",
    });
  });
});

describe("a version that is installed", () => {
  it("is kept, unless it is to be replaced", async () => {
    const source = await place.write(good);
    const models = join(place.root, "twice");
    const options = place.options(source, { models, force: false });
    const { folder } = await importTfjs(options);
    const before = await readFile(join(folder, "model.json"), "utf8");
    await expect(importTfjs({ ...options, title: "Other" })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/--force/),
    });
    expect(await readFile(join(folder, "model.json"), "utf8")).toBe(before);
    await importTfjs({ ...options, title: "Other", force: true });
    expect(await readFile(join(folder, "model.json"), "utf8")).toContain('"Other"');
    expect(await readdir(models)).toEqual(["imported"]);
  });

  it.each([["../up"], ["Big"], [""]])("has no id like %j", async (id) => {
    const options = place.options(await place.write(good), { id });
    await expect(importTfjs(options)).rejects.toMatchObject({ code: "invalid-request" });
  });
});

function weights({ json }: Export) {
  return json.weightsManifest[0].weights;
}

function paths({ json }: Export, path: string): void {
  json.weightsManifest[0].paths = [path];
}

/** Regular expressions in place of texts. */
function matching(expected: object): object {
  return Object.fromEntries(
    Object.entries(expected).map(([key, value]) => [
      key,
      value instanceof RegExp ? expect.stringMatching(value) : value,
    ]),
  );
}
