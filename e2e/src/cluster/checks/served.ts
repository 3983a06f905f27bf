import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StudyView } from "@axial/contracts";
import { eventually, phantomSeries } from "@axial/testkit";
import { getJson, postWithCurl, sendWithAxial } from "../../docker/client.ts";
import type { Check } from "../check.ts";
import { runCommand } from "../command.ts";
import { doorAddress } from "../door.ts";
import { CHARTED } from "../installations.ts";
import { postJson, type Visit, visiting } from "../visit.ts";

const CALLED_TITLE = "AXIAL";
const DIMSE_PORT = 11_112;
const SLICES = 8;
const ANSWERED_WITHIN_MS = 300_000;
const DICOM_PREFIX_AT = 128;

/** A study by STOW-RS, its prediction, and the structured report. */
export const study: Check = {
  name: "study",
  point: "served",
  shows:
    "through the door: `axial send`, the README's `curl`, search by QIDO-RS, report as SR and FHIR, the console",
  run: ({ cluster }) => visiting(cluster, CHARTED, throughTheDoor),
};

export async function throughTheDoor(visit: Visit): Promise<string> {
  const began = Date.now();
  const models = await sendWithAxial(visit);
  if (models.length === 0) throw new Error("no model answered");
  const seconds = ((Date.now() - began) / 1_000).toFixed(1);
  const label = await postWithCurl(visit);
  const [{ study: uid } = { study: "" }] = (
    await getJson<{ studies: { study: string }[] }>(visit, "/api/v1/studies?limit=1")
  ).studies;
  const report = await structuredReport(visit, uid);
  await getJson<object>(visit, `/api/v1/studies/${uid}/report.fhir`);
  const found = await getJson<object[]>(visit, `/dicom-web/studies?StudyInstanceUID=${uid}`);
  if (found.length !== 1) throw new Error(`QIDO-RS found ${found.length} studies instead of one`);
  const statuses = await Promise.all(
    ["/console/", "/metrics", "/dicom-web/studies"].map(
      async (path) => (await fetch(`${visit.url}${path}`)).status,
    ),
  );
  if (statuses.join() !== "200,404,401") {
    throw new Error(`console, metrics, search without a key: ${statuses}`);
  }
  return `${models.length} predictions ${seconds} s after \`axial send\`, one image "${label}", SR of ${report} bytes`;
}

/** The size of the study's report as a DICOM file. */
async function structuredReport({ url, key }: Visit, uid: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/api/v1/studies/${uid}/report.sr`, { headers });
  const file = Buffer.from(await answer.arrayBuffer());
  const prefix = file.toString("latin1", DICOM_PREFIX_AT, DICOM_PREFIX_AT + 4);
  if (!answer.ok || prefix !== "DICM") throw new Error(`report.sr: ${answer.status}, ${prefix}`);
  return file.length;
}

/** A study by C-STORE. */
export const cstore: Check = {
  name: "cstore",
  point: "served",
  shows: "by C-STORE (dcmtk's storescu) through the door, as by a TCPRoute",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      await postJson(visit, "/api/v1/application-entities", {
        ...{ calledTitle: CALLED_TITLE, lane: "stat", closeOnRelease: true },
      }).catch((error: Error) => {
        if (!error.message.includes("409")) throw error;
      });
      const { files, studyUid } = phantomSeries({ kind: "brain-with-mass", slices: SLICES });
      await store(await doorAddress(cluster, CHARTED), files);
      const answered = await eventually(
        "the study is complete",
        async () => {
          const path = `/api/v1/studies/${studyUid}`;
          const view = await getJson<StudyView>(visit, path).catch(() => null);
          return view?.state === "complete" ? view : null;
        },
        ANSWERED_WITHIN_MS,
      );
      if (answered.predictions.length === 0) throw new Error("no model answered");
      return `${files.length} instances, ${answered.predictions.length} predictions`;
    }),
};

async function store(address: string, files: readonly Buffer[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "axial-cstore-"));
  try {
    const names = files.map((_, index) => join(folder, `${index}.dcm`));
    await Promise.all(names.map((name, index) => writeFile(name, files[index] ?? "")));
    await runCommand("storescu", ["-aec", CALLED_TITLE, address, String(DIMSE_PORT), ...names]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
