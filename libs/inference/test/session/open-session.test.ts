import { copyTinyModel, type ModelCopy, type ModelEdits } from "@axial/testkit";
import { afterEach, describe, expect, it } from "vitest";
import {
  fellBack,
  type InferenceSession,
  loadModelPackage,
  openSession,
  type Provider,
  verifyGolden,
} from "../../src/index.ts";

const closers: (() => Promise<void>)[] = [];

interface Opened {
  readonly session: InferenceSession;
  verify(): ReturnType<typeof verifyGolden>;
}

async function openTiny(edits?: ModelEdits, providers: Provider[] = ["cpu"]): Promise<Opened> {
  const copy: ModelCopy = await copyTinyModel(edits);
  closers.push(copy.remove);
  const pkg = await loadModelPackage(copy.folder);
  const session = await openSession(pkg, { providers, threads: 1 });
  closers.push(() => session.close());
  return { session, verify: () => verifyGolden(session, pkg) };
}

/** The package says that `output` tells how far an image is from those that the model knows. */
function domainOf(output: string): ModelEdits {
  return {
    manifest: (m) => {
      const measuredOn = "phantoms";
      m.domain = { output, threshold: 2, falseAlarmRate: 0.01, action: "mark", measuredOn };
    },
    golden: (g) => {
      for (const one of g.cases) one.outputs[output] = [1];
    },
  };
}

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The same network twice: whatever the runtime, a session behaves alike. */
describe.each(["onnx", "tfjs"] as const)("a session of %s", (runtime) => {
  const open = (edits?: ModelEdits) => openTiny({ runtime, ...edits });

  it("reproduces the golden outputs", async () => {
    const { session, verify } = await open();
    const report = await verify();
    expect(report.cases).toBe(3);
    expect(report.worst).toBeLessThan(report.tolerance);
    expect(session.provider).toMatch(runtime === "onnx" ? /^cpu$/ : /^tfjs-(node|wasm)$/);
    expect(Object.fromEntries(session.outputs)).toEqual({ probabilities: [3], cam: [3, 8, 8] });
  });

  it("returns for each sample of a batch what it returns for it alone, from shared memory too", async () => {
    const { session } = await open();
    const bytes = 32 * 32;
    const batch = new Uint8Array(new SharedArrayBuffer(3 * bytes));
    batch.forEach((_, index) => {
      batch[index] = (index * index) % 251;
    });
    const together = await session.run(batch, 3);
    for (const index of [0, 1, 2]) {
      const alone = await session.run(batch.slice(index * bytes, (index + 1) * bytes), 1);
      const expected = together.probabilities?.subarray(index * 3, index * 3 + 3) ?? [];
      alone.probabilities?.forEach((value, label) => {
        expect(value).toBeCloseTo(expected[label] ?? Number.NaN, 5);
      });
    }
  });

  it("says by how much a golden output is off", async () => {
    const { verify } = await open({ golden: (g) => (g.cases[1].outputs.probabilities[0] -= 0.25) });
    await expect(verify()).rejects.toMatchObject({
      code: "golden-mismatch",
      message: expect.stringMatching(/case "bright", probabilities\[0\].*off by 0\.250;/),
    });
  });

  const CONTRADICTIONS: [string, ModelEdits, RegExp][] = [
    [
      "more labels than outputs",
      {
        manifest: (m) => m.heads[0].labels.push({ id: "more", display: "More" }),
        golden: (g) => {
          for (const one of g.cases) one.outputs.probabilities.push(0);
        },
      },
      /probabilities has shape \[.*, 3\], model.json needs 4 on axis 1/,
    ],
    ["another input", { manifest: (m) => (m.input.name = "pixels") }, /takes \[image\]/],
    ["another output", { manifest: (m) => (m.explanation.output = "maps") }, /has no output maps/],
    ["no distance", domainOf("distance"), /has no output distance/],
    ["a distance of another rank", domainOf("cam"), /output cam has shape .* needs rank 1/],
    [
      "an output of another rank",
      { manifest: (m) => (m.explanation.output = "probabilities") },
      /needs/,
    ],
  ];
  it.each(CONTRADICTIONS)("is refused for a manifest with %s", async (_what, edits, message) => {
    await expect(open(edits)).rejects.toMatchObject({
      code: "invalid-model",
      message: expect.stringMatching(message),
    });
  });

  it("is refused for weights that parse but are not a graph", async () => {
    const opening = open({ weights: () => Uint8Array.of(7 * 8 + 2, 2, 2 * 8 + 2, 0) });
    await expect(opening).rejects.toMatchObject({ code: "invalid-model" });
  });

  it("falls back to the next provider, and says so", async () => {
    const wanted: Provider[] = ["tensorrt", "cuda", "cpu"];
    const { session } = await openTiny({ runtime }, wanted);
    const onDevice = ["tensorrt", "cuda", "tfjs-node-gpu"].includes(session.provider);
    expect(fellBack(session.provider, wanted)).toBe(!onDevice);
    expect(fellBack(session.provider, ["cpu"])).toBe(false);
  });
});

describe("golden outputs beyond 1", () => {
  it.each([
    [1000.5, true],
    [1002, false],
  ])("are compared by their ratio: %d for 1000", async (found, fits) => {
    const { folder, remove } = await copyTinyModel(domainOf("distance"));
    closers.push(remove);
    const pkg = await loadModelPackage(folder);
    const cases = pkg.golden.cases.map((one) => ({ ...one, outputs: { distance: [1000] } }));
    const session: InferenceSession = {
      provider: "cpu",
      outputs: new Map(),
      run: async () => ({ distance: Float32Array.of(found) }),
      close: async () => {},
    };
    const heads: typeof pkg.manifest.heads = [];
    const golden = { tolerance: 0.001, cases };
    const verifying = verifyGolden(session, {
      ...pkg,
      golden,
      manifest: { ...pkg.manifest, heads },
    });
    if (fits) expect((await verifying).worst).toBeCloseTo(0.0005, 6);
    else await expect(verifying).rejects.toMatchObject({ code: "golden-mismatch" });
  });
});
