import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeFrame, readInstance, Tag } from "@axial/dicom";
import {
  eventually,
  freePort,
  needs,
  phantomSeries,
  queueBackends,
  TINY_MODELS,
} from "@axial/testkit";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataSetOf } from "../src/chaos/data-set-of.ts";
import { CHROMIUM_FLAGS, installedChromium } from "../src/chromium.ts";
import { type Orthanc, startOrthanc } from "../src/orthanc.ts";
import { startPynetdicom } from "../src/pynetdicom.ts";
import { SERVICES, type System, startSystem } from "../src/system.ts";

interface Uploaded {
  readonly ParentStudy: string;
}

interface Held {
  readonly ID: string;
  readonly MainDicomTags: { readonly SOPInstanceUID: string };
  readonly ParentSeries: string;
}

interface Delivery {
  readonly state: string;
  readonly lastError: string | null;
}

/** A busy machine renders, sends and starts again slowly. */
const WITHIN_MS = 170_000;
/** Orthanc's viewer has shown a picture by then, or never will. */
const VIEWER_TRIES_MS = 40_000;

/** Made by Axial: the report, its heat maps, its page for people. */
const OWN_MODALITIES = ["SR", "OT", "DOC"];

const VALIDATOR = "/usr/bin/dciodvfy";
const browserPath = installedChromium();
const run = promisify(execFile);
/** Mean difference, of 255 levels, of two pictures that are the same but for scaling and JPEG. */
const SAME = 6;

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
}

describe("a hospital's archive", needs("orthanc"), () => {
  let axial: System;
  let orthanc: Orthanc;

  beforeAll(async () => {
    const [backend] = queueBackends();
    if (backend === undefined) throw new Error("a queue");
    axial = await startSystem(backend, TINY_MODELS, { services: [...SERVICES, "archive"] });
    const ownDimsePort = await freePort();
    const { dimsePort, key, url } = axial;
    orthanc = await startOrthanc({ url: url.gateway, key, dimsePort, ownDimsePort });
    const made = await axial.fetch("results", "/api/v1/destinations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ kind: "dimse", name: "archive", host: "127.0.0.1", port: ownDimsePort },
        ...{ calledTitle: "ORTHANC", formats: ["sr", "heatmaps", "pdf"] },
      }),
    });
    expect(made.status).toBe(201);
  });
  afterAll(async () => {
    await orthanc?.stop();
    await axial?.stop();
  });

  /** Gives Orthanc a study, which forwards it; resolves when Axial has all of it. */
  async function receive(): Promise<{ studyUid: string; id: string; slices: number }> {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 4, size: 64 });
    let id = "";
    for (const body of files) {
      id = (await orthanc.call<Uploaded>("/instances", { method: "POST", body })).ParentStudy;
    }
    await eventually("Axial has every instance", async () => {
      const answer = await axial.fetch("results", `/api/v1/studies/${studyUid}`);
      if (!answer.ok) return false;
      const { instances } = (await answer.json()) as { instances: number };
      return instances === files.length;
    });
    return { studyUid, id, slices: files.length };
  }

  const close = (studyUid: string) =>
    axial.fetch("gateway", `/api/v1/studies/${studyUid}/close`, { method: "POST" });

  /** What of Axial's lies in Orthanc's study, by modality. */
  async function own(id: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const series = await orthanc.call<
      { MainDicomTags: { Modality: string }; Instances: string[] }[]
    >(`/studies/${id}/series`);
    const made = series.filter(({ MainDicomTags }) =>
      OWN_MODALITIES.includes(MainDicomTags.Modality),
    );
    return new Map(made.map(({ MainDicomTags, Instances }) => [MainDicomTags.Modality, Instances]));
  }

  const arrived = (id: string) =>
    eventually("report, heat maps and page are in Orthanc's study", async () => {
      const made = await own(id);
      const isWhole = OWN_MODALITIES.every((one) => (made.get(one)?.length ?? 0) > 0);
      return isWhole && made.get("SR")?.length === 1 && made;
    });

  async function deliveries(studyUid: string): Promise<Delivery[]> {
    const answer = await axial.fetch("results", `/api/v1/deliveries?study=${studyUid}`);
    return ((await answer.json()) as { deliveries: Delivery[] }).deliveries;
  }

  async function expectOnce({ id, studyUid, slices }: Awaited<ReturnType<typeof receive>>) {
    await eventually(
      "it is delivered",
      async () => {
        const [delivery] = await deliveries(studyUid);
        return delivery?.state === "delivered";
      },
      WITHIN_MS,
    );
    const made = await arrived(id);
    expect(await deliveries(studyUid)).toHaveLength(1);
    // Orthanc forwards Axial's own objects too: they are taken and ignored.
    const held = await orthanc.call<Held[]>(`/studies/${id}/instances`);
    const uids = held.map(({ MainDicomTags }) => MainDicomTags.SOPInstanceUID);
    expect(new Set(uids).size).toBe(uids.length);
    expect(uids).toHaveLength(slices + [...made.values()].flat().length);
    const study = await axial.fetch("results", `/api/v1/studies/${studyUid}`);
    expect(await study.json()).toMatchObject({ instances: slices, state: "complete" });
  }

  test("forwards a study, and has report and heat maps beside the images a moment later, once", async () => {
    const study = await receive();
    await close(study.studyUid);
    await expectOnce(study);
  });

  describe("of what lies in Orthanc's study", () => {
    let made: ReadonlyMap<string, readonly string[]>;
    let heatmaps: readonly { readonly id: string; readonly pixels: Pixels }[];

    beforeAll(async () => {
      const study = await receive();
      await close(study.studyUid);
      made = await arrived(study.id);
      heatmaps = await Promise.all(
        (made.get("OT") ?? []).map(async (id) => {
          const file = readInstance(await orthanc.file(`/instances/${id}/file`));
          const { rows: height, columns: width, data } = await decodeFrame(file, 0);
          return { id, pixels: { width, height, channels: 3, data } };
        }),
      );
    }, WITHIN_MS);

    test("Orthanc's own picture of a heat map has the very pixels that Axial wrote", async () => {
      for (const { id, pixels } of heatmaps) {
        const preview = await orthanc.file(`/instances/${id}/preview`);
        const { data, info } = await sharp(preview)
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect([info.width, info.height]).toEqual([pixels.width, pixels.height]);
        expect(data.equals(Buffer.from(Array.from(pixels.data)))).toBe(true);
      }
    });

    test("each has the very data set that WADO-RS returns", async () => {
      for (const id of [...made.values()].flat()) {
        const theirs = await orthanc.file(`/instances/${id}/file`);
        const { dataset } = readInstance(theirs);
        const [study, series, instance] = [
          dataset.string(Tag.StudyInstanceUid),
          dataset.string(Tag.SeriesInstanceUid),
          dataset.string(Tag.SopInstanceUid),
        ];
        const path = `/dicom-web/studies/${study}/series/${series}/instances/${instance}`;
        const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
        const answer = await axial.fetch("archive", path, { headers: { accept } });
        expect(answer.status).toBe(200);
        const ours = dataSetOf(theirs);
        expect(Buffer.from(await answer.arrayBuffer()).includes(ours)).toBe(true);
      }
    });

    test("dciodvfy finds no error in any of it", needs("dicom3tools"), async () => {
      const folder = await mkdtemp(join(tmpdir(), "axial-e2e-objects-"));
      try {
        for (const id of [...made.values()].flat()) {
          const file = join(folder, `${id}.dcm`);
          await writeFile(file, await orthanc.file(`/instances/${id}/file`));
          const said = await run(VALIDATOR, [file]).catch((error: { stderr: string }) => error);
          const errors = said.stderr.split("\n").filter((line) => line.startsWith("Error"));
          expect(errors).toEqual([]);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test(
      "its viewer shows the heat map, its explorer the report",
      needs("chromium", "orthanc-webviewer"),
      async () => {
        const executablePath = browserPath ?? "";
        const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
        try {
          const page = await browser.newPage({ viewport: { width: 900, height: 960 } });
          page.setDefaultTimeout(WITHIN_MS);
          const at = `http://127.0.0.1:${orthanc.port}`;
          const [first] = heatmaps;
          if (first === undefined) throw new Error("a heat map");
          const { ParentSeries } = await orthanc.call<Held>(`/instances/${first.id}`);
          // It opens a series at an image of its own choice.
          const ours = heatmaps.map(({ pixels }) => blocksOf(pixels));
          const isShown = async () => {
            const { width, height } = first.pixels;
            const asked = `(${blocksShown})(${blocksOf}, ${width}, ${height})`;
            const theirs = (await page.evaluate(asked)) as readonly number[] | null;
            return theirs !== null && ours.some((one) => differenceOf(one, theirs) < SAME);
          };
          await eventually(
            "the viewer shows the pixels",
            async () => {
              // What it could not load in time it does not ask for again.
              await page.goto(`${at}/web-viewer/app/viewer.html?series=${ParentSeries}`);
              return eventually("in this page", isShown, VIEWER_TRIES_MS).catch(() => false);
            },
            WITHIN_MS,
          );
          const [report = ""] = made.get("SR") ?? [];
          await page.goto(`${at}/app/explorer.html#instance?uuid=${report}`);
          await page.getByText("UNVERIFIED").first().waitFor({ state: "attached" });
        } finally {
          await browser.close();
        }
      },
    );
  });

  test(
    "an archive that commits on an association of its own, after refusing once, has it delivered",
    needs("pynetdicom"),
    async () => {
      const port = await freePort();
      const archive = startPynetdicom("archive.py", [
        ...[String(port), String(axial.dimsePort), "--refuses"],
      ]);
      const made = await axial.fetch("results", "/api/v1/destinations", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...{ kind: "dimse", name: "committing", host: "127.0.0.1", port },
          ...{ calledTitle: "PYARCHIVE", formats: ["sr"], commitment: true },
        }),
      });
      try {
        expect(made.status).toBe(201);
        const { studyUid } = await receive();
        await close(studyUid);
        await eventually(
          "it is delivered to both",
          async () => {
            const all = await deliveries(studyUid);
            return all.length === 2 && all.every(({ state }) => state === "delivered");
          },
          WITHIN_MS,
        );
        const reports = archive.said.filter(({ reported }) => reported !== undefined);
        expect(reports, archive.errors).toEqual([
          { reported: 0, failed: 1 },
          { reported: 0, failed: 0 },
        ]);
      } finally {
        const { id } = (await made.json()) as { id: string };
        await axial.fetch("results", `/api/v1/destinations/${id}`, { method: "DELETE" });
        await archive.stop();
      }
    },
  );

  test("has them once also after it and Axial were each killed on the way", async () => {
    const study = await receive();
    await orthanc.kill();
    await close(study.studyUid);
    await eventually(
      "the archive is away",
      async () => {
        const [delivery] = await deliveries(study.studyUid).catch(() => []);
        return delivery?.state === "pending" && delivery.lastError !== null;
      },
      WITHIN_MS,
    );
    await Promise.all(SERVICES.map((service) => axial.process(service).end("SIGKILL")));
    for (const service of SERVICES) await axial.start(service);
    await orthanc.start();
    await expectOnce(study);
  });
});

/** Mean levels of red, green and blue in the blocks of a picture that is divided into 24 by 24. */
function blocksOf({ width, height, channels, data }: Pixels): number[] {
  const side = 24;
  const sums = new Array<number>(side * side * 3).fill(0);
  const counts = new Array<number>(side * side).fill(0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const block = Math.floor((y * side) / height) * side + Math.floor((x * side) / width);
      counts[block] = (counts[block] ?? 0) + 1;
      for (let channel = 0; channel < 3; channel += 1) {
        const level = data[(y * width + x) * channels + channel] ?? 0;
        sums[block * 3 + channel] = (sums[block * 3 + channel] ?? 0) + level;
      }
    }
  }
  return sums.map((sum, at) => sum / (counts[Math.floor(at / 3)] ?? 1));
}

/** In the page: the same of what its canvas shows of a picture of this shape, fitted into it; or null. */
const blocksShown = `(blocksOf, across, down) => {
  const canvas = document.querySelector("canvas");
  if (canvas === null) return null;
  const scale = Math.min(canvas.width / across, canvas.height / down);
  const [width, height] = [Math.floor(across * scale), Math.floor(down * scale)];
  const [left, top] = [(canvas.width - width) / 2, (canvas.height - height) / 2].map(Math.floor);
  const { data } = canvas.getContext("2d").getImageData(left, top, width, height);
  return blocksOf({ width, height, channels: 4, data });
}`;

function differenceOf(ours: readonly number[], theirs: readonly number[]): number {
  const sum = ours.reduce((all, level, at) => all + Math.abs(level - (theirs[at] ?? 0)), 0);
  return sum / ours.length;
}
