import { eventually, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DicomwebServer, startDicomwebServer } from "../src/dicomweb-server.ts";
import { isOrthancInstalled, type Orthanc, startOrthanc } from "../src/orthanc.ts";

interface Uploaded {
  readonly Status: string;
}

describe.skipIf(!isOrthancInstalled())("Orthanc forwards by C-STORE what it receives", () => {
  let axial: DicomwebServer;
  let orthanc: Orthanc;

  beforeAll(async () => {
    axial = await startDicomwebServer();
    orthanc = await startOrthanc({ url: axial.url, key: axial.key, dimsePort: axial.dimsePort });
  });
  afterAll(async () => {
    await orthanc?.stop();
    await axial?.stop();
  });

  test("each instance once, as it was", async () => {
    const { files, studyUid } = phantomSeries({ kind: "brain", slices: 6, size: 64 });
    for (const file of files) {
      const { Status } = await orthanc.call<Uploaded>("/instances", { method: "POST", body: file });
      expect(Status).toBe("Success");
    }
    const instances = () =>
      axial.db
        .selectFrom("instance")
        .innerJoin("study", "study.id", "instance.study_id")
        .select(["sop_instance_uid", "instance.bytes", "blob"])
        .where("study_uid", "=", studyUid)
        .execute();
    await eventually(
      "all are there",
      async () => (await instances()).length === files.length,
      60_000,
    );
    const stored = await instances();
    expect(new Set(stored.map((row) => row.sop_instance_uid)).size).toBe(files.length);
    const [first] = files;
    const pixels = first?.subarray(first.length - 64 * 64 * 2);
    const blobs = await Promise.all(stored.map(({ blob }) => axial.blobs.get(blob)));
    const ends = blobs.map((bytes) => Buffer.from(bytes.subarray(bytes.length - 64 * 64 * 2)));
    expect(ends.some((end) => pixels !== undefined && end.equals(pixels))).toBe(true);
  });

  test("C-ECHO from Orthanc succeeds", async () => {
    await orthanc.call("/modalities/axial/echo", { method: "POST", body: "{}" });
  });
});
