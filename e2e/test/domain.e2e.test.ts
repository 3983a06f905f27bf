import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { DomainAssessment } from "@axial/contracts";
import { committedPackage, sharedData } from "@axial/testkit";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";

const BRAIN = "brain-tumour-mobilenetv2";
const STRICT = "brain-tumour-strict";
const PACKAGE = committedPackage(BRAIN);
const VERSION = basename(PACKAGE);
const SIDE = 256;

interface ImageAnswer {
  readonly predictions: readonly { readonly domain?: DomainAssessment }[];
  readonly refusals: readonly { readonly code: string; readonly facts: object }[];
}

const films = sharedData("knee-oa-kl/3");
const brains = sharedData("brain-tumour/glioma-transverse");

/** The brain model twice: as it is, and one that refuses what it does not know. */
async function twoModels(): Promise<string> {
  const models = await mkdtemp(join(tmpdir(), "axial-e2e-models-"));
  await cp(PACKAGE, join(models, BRAIN, VERSION), { recursive: true });
  const strict = join(models, STRICT, VERSION);
  await cp(PACKAGE, strict, { recursive: true });
  const manifest = JSON.parse(await readFile(join(strict, "model.json"), "utf8"));
  const domain = { ...manifest.domain, action: "refuse" };
  await writeFile(join(strict, "model.json"), JSON.stringify({ ...manifest, id: STRICT, domain }));
  return models;
}

async function firstImage(folder: string | null): Promise<Buffer> {
  const names = await readdir(folder ?? "");
  const [first = ""] = names.filter((name) => name.endsWith(".jpg")).sort();
  return readFile(join(folder ?? "", first));
}

describe("images that a model does not know", () => {
  let models: string;
  let axial: OneMachine;
  beforeAll(async () => {
    models = await twoModels();
    axial = await startOneMachine(models);
  }, 300_000);
  afterAll(async () => {
    await axial?.stop();
    await rm(models, { recursive: true, force: true });
  });

  async function classify(model: string, type: string, body: Buffer): Promise<ImageAnswer> {
    const answer = await fetch(`${axial.url}/api/v1/images?model=${model}&wait=60`, {
      method: "POST",
      headers: { authorization: `Bearer ${axial.key}`, "content-type": type },
      body: new Uint8Array(body),
    });
    expect(answer.status, await answer.clone().text()).toBe(200);
    return (await answer.json()) as ImageAnswer;
  }

  const noise = () =>
    sharp(randomBytes(SIDE * SIDE), { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toBuffer();
  const blank = () =>
    sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: "#808080" } })
      .png()
      .toBuffer();

  it.each([
    ["noise", noise],
    ["a blank image", blank],
  ])("are marked by the brain model: %s", async (_, image) => {
    const { predictions } = await classify(BRAIN, "image/png", await image());
    expect(predictions).toMatchObject([{ domain: { inDomain: false, slicesBeyond: 1 } }]);
  });

  it("are refused where the package says so, with the figures", async () => {
    const { predictions, refusals } = await classify(STRICT, "image/png", await noise());
    expect(predictions).toEqual([]);
    expect(refusals).toMatchObject([
      {
        code: "out-of-domain",
        facts: { detail: expect.stringMatching(/^1 of 1 slices are beyond the threshold \d/) },
      },
    ]);
  });

  it.skipIf(films === null)("are a knee film to the brain model", async () => {
    const film = await firstImage(films);
    const marked = await classify(BRAIN, "image/jpeg", film);
    expect(marked.predictions).toMatchObject([{ domain: { inDomain: false } }]);
    const refused = await classify(STRICT, "image/jpeg", film);
    expect(refused.refusals).toMatchObject([{ code: "out-of-domain" }]);
  });

  it.skipIf(brains === null)("are no brain slices", async () => {
    const { predictions } = await classify(STRICT, "image/jpeg", await firstImage(brains));
    expect(predictions).toMatchObject([{ domain: { inDomain: true, slicesBeyond: 0 } }]);
  });
});
