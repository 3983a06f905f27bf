import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { find } from "@axial/dimse";
import { eventually, freePort, needs, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DicomwebServer, startDicomwebServer } from "../src/dicomweb-server.ts";
import { type Orthanc, startOrthanc } from "../src/orthanc.ts";
import { startPynetdicom } from "../src/pynetdicom.ts";

interface Uploaded {
  readonly Status: string;
}

const run = promisify(execFile);
const GDCM = "/usr/bin/gdcmscu";

let axial: DicomwebServer;
beforeAll(async () => {
  axial = await startDicomwebServer();
});
afterAll(() => axial?.stop());

/** The instances of a study that are stored. */
const stored = (studyUid: string) =>
  axial.db
    .selectFrom("instance")
    .innerJoin("study", "study.id", "instance.study_id")
    .select(["sop_instance_uid", "instance.bytes", "blob"])
    .where("study_uid", "=", studyUid)
    .execute();

/** Has `send` send a folder with a study, and expects each instance to be there once. */
async function expectSent(seed: number, send: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "axial-e2e-senders-"));
  try {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 3, size: 32, seed });
    for (const [index, file] of files.entries())
      await writeFile(join(folder, `${index}.dcm`), file);
    await send(folder);
    // Sent again by a sender that is not sure.
    await send(folder);
    expect(await stored(studyUid)).toHaveLength(files.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("dcmtk", needs("dcmtk"), () => {
  const at = () => ["127.0.0.1", String(axial.dimsePort)];
  test.each(["dcmsend", "storescu"])("%s sends a folder", async (tool) => {
    await expectSent(tool === "dcmsend" ? 81 : 82, (folder) =>
      run(tool, ["-aec", "AXIAL", "+sd", "+r", ...at(), folder]),
    );
  });

  test("echoscu is answered", async () => {
    await run("echoscu", ["-aec", "AXIAL", ...at()]);
  });
});

describe("GDCM", needs("gdcm"), () => {
  /** GDCM 3.0 aborts itself once an association is released, with any peer. */
  const scu = (...args: string[]) =>
    run(GDCM, [
      ...args,
      ...["--call", "AXIAL", "--aetitle", "GDCM", "127.0.0.1", String(axial.dimsePort)],
    ]).catch((error: { stdout: string; stderr: string }) => error);

  test("gdcmscu is answered, and sends a folder", async () => {
    const { stdout, stderr } = await scu("--echo", "-D");
    expect(stdout + stderr).toMatch(/\(0000,0900\) .*\(US\) 0 /);
    await expectSent(83, (folder) => scu("--store", "-r", "-i", folder));
  });
});

describe("pynetdicom", needs("pynetdicom"), () => {
  test("is told of a storage commitment on an association of Axial's own, when its own is gone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "axial-e2e-modality-"));
    try {
      const { files } = phantomSeries({ kind: "brain", slices: 1, size: 32, seed: 71 });
      await writeFile(join(folder, "slice.dcm"), files[0] ?? "");
      const port = await freePort();
      const entity = { calledTitle: "AXIAL_COMMIT", callingTitle: "MODALITY" };
      const made = await fetch(`${axial.url}/api/v1/application-entities`, {
        method: "POST",
        headers: { authorization: `Bearer ${axial.key}`, "content-type": "application/json" },
        body: JSON.stringify({ ...entity, host: "127.0.0.1", port }),
      });
      expect(made.status).toBe(201);
      const args = [axial.dimsePort, port, join(folder, "slice.dcm"), "1.2.3.4"].map(String);
      const modality = startPynetdicom("modality.py", args);
      await modality.ended;
      const [told] = modality.said;
      expect(told, modality.errors).toMatchObject({ status: 0, action: 0, came: true, event: 2 });
      expect(told?.transaction).toBe(told?.asked);
      expect(told?.stored).toHaveLength(1);
      expect(told?.failed).toEqual([["1.2.3.4", 0x0112]]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("answers a search with a warning for each match, and all matches are taken", async () => {
    const port = await freePort();
    const archive = startPynetdicom("archive.py", [String(port), String(axial.dimsePort)]);
    try {
      await eventually("it listens", async () => archive.said.length > 0, 30_000);
      const peer = { host: "127.0.0.1", port, calledAeTitle: "PYARCHIVE", callingAeTitle: "AXIAL" };
      const query = { level: "STUDY" as const, keys: { StudyInstanceUID: "", AdmissionID: "" } };
      const matches = await eventually("it answers", () => find(peer, query).catch(() => null));
      const uids = matches.map((match) => match.StudyInstanceUID);
      expect(uids).toEqual(["1.2.3.1", "1.2.3.2", "1.2.3.3"]);
    } finally {
      await archive.stop();
    }
  });
});

describe("Orthanc forwards by C-STORE what it receives", needs("orthanc"), () => {
  let orthanc: Orthanc;

  beforeAll(async () => {
    orthanc = await startOrthanc({ url: axial.url, key: axial.key, dimsePort: axial.dimsePort });
  });
  afterAll(() => orthanc?.stop());

  test("each instance once, as it was", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 6, size: 64 });
    for (const file of files) {
      const { Status } = await orthanc.call<Uploaded>("/instances", { method: "POST", body: file });
      expect(Status).toBe("Success");
    }
    await eventually(
      "all are there",
      async () => (await stored(studyUid)).length === files.length,
      60_000,
    );
    const rows = await stored(studyUid);
    expect(new Set(rows.map((row) => row.sop_instance_uid)).size).toBe(files.length);
    const [first] = files;
    const pixels = first?.subarray(first.length - 64 * 64 * 2);
    const blobs = await Promise.all(rows.map(({ blob }) => axial.blobs.get(blob)));
    const ends = blobs.map((bytes) => Buffer.from(bytes.subarray(bytes.length - 64 * 64 * 2)));
    expect(ends.some((end) => pixels !== undefined && end.equals(pixels))).toBe(true);
  });

  test("C-ECHO from Orthanc succeeds", async () => {
    await orthanc.call("/modalities/axial/echo", { method: "POST", body: "{}" });
  });
});
