import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readInstance, Tag } from "@axial/dicom";
import { freePort, has, needs } from "@axial/testkit";
import { Server as Hl7Server } from "node-hl7-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FhirStandIn, startFhirStandIn } from "../src/fhir-stand-in.ts";
import { type OneMachine, startOneMachine } from "../src/one-machine.ts";
import { type Orthanc, startOrthanc } from "../src/orthanc.ts";
import { readRecipe, runRecipe } from "../src/recipe.ts";

const PAGES = fileURLToPath(new URL("../../docs/integration/", import.meta.url));
/** A page that takes longer hangs: it sends studies, has them classified and drawn, and waits for that. */
const WITHIN_MS = 600_000;

/** Pages that need programs. */
const NEEDED: Readonly<Record<string, ReturnType<typeof needs>>> = {
  "orthanc.md": needs("orthanc"),
  "dcm4chee.md": needs("orthanc", "dcmtk"),
  "pacs.md": needs("dcmtk"),
  "python.md": needs("dicomweb-client", "pynetdicom", "highdicom"),
};
const pages = readdirSync(PAGES).filter((name) => name !== "README.md");

describe("docs/integration: each page as it is written", () => {
  let axial: OneMachine;
  let fhir: FhirStandIn;
  let archive: Orthanc | null = null;
  let mirth: ReturnType<Hl7Server["createInbound"]>;
  let out: string;
  let ports: ReadonlyMap<string, string>;

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), "axial-recipes-out-"));
    const [dimse, hl7, mllp] = [await freePort(), await freePort(), await freePort()];
    axial = await startOneMachine(undefined, {
      args: ["--dimse-port", String(dimse), "--hl7-port", String(hl7)],
      environment: { AXIAL_DESTINATION_NETWORKS: "127.0.0.1", AXIAL_DESTINATION_FOLDER: out },
    });
    fhir = await startFhirStandIn();
    mirth = new Hl7Server({ bindAddress: "127.0.0.1" }).createInbound({ port: mllp }, (_, answer) =>
      answer.sendResponse("AA"),
    );
    if (has("orthanc")) archive = await startOrthanc(axial);
    ports = new Map([
      ["data/out", out],
      ["8080/dcm4chee-arc/aets/DCM4CHEE/rs", `${archive?.port}/dicom-web`],
      ["8080", new URL(axial.url).port],
      ["11112", String(dimse)],
      ["2575", String(hl7)],
      ["6661", String(mllp)],
      ["8090", String(fhir.port)],
      ["8042", String(await freePort())],
      ["4242", String(await freePort())],
      ["10104", String(await freePort())],
    ]);
  });
  afterAll(async () => {
    await archive?.stop();
    await mirth?.close();
    await fhir?.close();
    await axial?.stop();
    await rm(out, { recursive: true, force: true });
  });

  /** The ports of the page become those that are free here, and its folder for results this one. */
  const here = (markdown: string) => {
    // All in one pass: a port that is free here may hold the digits of one on the page.
    const written = new RegExp([...ports.keys()].join("|"), "g");
    return markdown.replaceAll(written, (found) => ports.get(found) ?? found);
  };

  async function removeDestinations(): Promise<void> {
    const headers = { authorization: `Bearer ${axial.key}` };
    const url = `${axial.url}/api/v1/destinations`;
    const { destinations } = (await (await fetch(url, { headers })).json()) as {
      destinations: { id: string }[];
    };
    for (const { id } of destinations) await fetch(`${url}/${id}`, { method: "DELETE", headers });
  }

  for (const page of pages) {
    test(page, { ...NEEDED[page], timeout: 2 * WITHIN_MS }, async () => {
      const recipe = readRecipe(here(readFileSync(`${PAGES}${page}`, "utf8")));
      expect(recipe.shown.length).toBeGreaterThan(0);
      const printed = await runRecipe(recipe, axial, WITHIN_MS).finally(removeDestinations);
      expect(printed).toEqual(recipe.shown);
    });
  }

  test("what the folder got is, byte for byte, what the archive has", async () => {
    const names = await readdir(out, { recursive: true });
    const objects = names.filter((name) => name.endsWith(".dcm"));
    expect(objects.length).toBeGreaterThan(0);
    const headers = {
      authorization: `Bearer ${axial.key}`,
      accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
    };
    for (const name of objects) {
      const file = await readFile(join(out, name));
      const { dataset } = readInstance(file);
      const [study, series, instance] = [
        Tag.StudyInstanceUid,
        Tag.SeriesInstanceUid,
        Tag.SopInstanceUid,
      ].map((tag) => dataset.string(tag));
      const path = `studies/${study}/series/${series}/instances/${instance}`;
      const answer = await fetch(`${axial.url}/dicom-web/${path}`, { headers });
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).includes(file), name).toBe(true);
    }
  });

  test("README.md lists every page", () => {
    const listed = readFileSync(`${PAGES}README.md`, "utf8").matchAll(/\]\(([a-z0-9]+\.md)\)/g);
    expect([...listed].map(([, name]) => name).toSorted()).toEqual(pages.toSorted());
  });
});
