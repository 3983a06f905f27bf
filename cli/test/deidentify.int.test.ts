import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxialClient } from "@axial/client";
import { newId, newUid, type RunId, type TaskId, type TenantId } from "@axial/contracts";
import { decodeFrame, readInstance } from "@axial/dicom";
import { type Database, openDatabase } from "@axial/store/database";
import { type DataSetElements, eventually, phantomSeries, writePart10 } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runAxial } from "./support/run-axial.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

const PATIENT = "Doe^Jane^Of^The^Test";
const SIDE = 16;

/** An image of a kind; an ultrasound one has text somewhere. */
function image(modality: string): DataSetElements {
  return {
    ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.6.1", SOPInstanceUID: newUid() },
    ...{ StudyInstanceUID: newUid(), SeriesInstanceUID: newUid(), Modality: modality },
    ...{ PatientName: PATIENT, PatientID: "P-42", Manufacturer: "Scanner", Rows: SIDE },
    ...{ Columns: SIDE, SamplesPerPixel: 1, BitsAllocated: 8, BitsStored: 8, HighBit: 7 },
    ...{ PixelRepresentation: 0, PhotometricInterpretation: "MONOCHROME2" },
    PixelData: { vr: "OB", value: Buffer.alloc(SIDE * SIDE, 9) },
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-deidentify-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = 0;
});

/** Files below a folder, as paths in it. */
async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

/** No name, number or UID of the originals is in a file or in its name. */
async function expectNoPatient(paths: readonly string[], originals: readonly DataSetElements[]) {
  for (const path of paths) {
    const bytes = await readFile(path);
    const { dataset } = readInstance(bytes);
    const uids = [0x0020_000d, 0x0020_000e, 0x0008_0018].map((tag) => dataset.string(tag));
    expect(path.endsWith(`${uids.join("/")}.dcm`)).toBe(true);
    expect(dataset.string(0x0012_0062)).toBe("YES");
    for (const { StudyInstanceUID, SOPInstanceUID, PatientName, PatientID } of originals) {
      for (const phi of [StudyInstanceUID, SOPInstanceUID, PatientName, PatientID].map(String)) {
        expect(path.includes(phi) || bytes.includes(phi)).toBe(false);
      }
    }
  }
}

describe("axial deidentify", () => {
  const [mr, us] = [image("MR"), image("US")];
  const place = (name: string) => join(folder, name);
  const deidentify = async (out: string, ...more: string[]) => {
    const args = ["deidentify", place("in"), place(out), "--key-file", place("key"), "--json"];
    return JSON.parse(await runAxial([...args, ...more])) as {
      readonly written: number;
      readonly notDicom: number;
      readonly refused: readonly object[];
      readonly keyIsNew: boolean;
    };
  };
  beforeAll(async () => {
    await mkdir(place("in"));
    await writeFile(join(place("in"), "mr.dcm"), writePart10({ elements: mr }));
    await writeFile(join(place("in"), "us.dcm"), writePart10({ elements: us }));
    await writeFile(join(place("in"), "notes.txt"), "a note");
  });

  it("makes a key for its owner alone, and exits with 1 for what it refuses", async () => {
    const report = await deidentify("first");
    expect(report).toMatchObject({ written: 1, notDicom: 1, keyIsNew: true });
    expect(report.refused).toEqual([{ file: expect.any(String), code: "burned-in-annotation" }]);
    expect(process.exitCode).toBe(1);
    expect((await stat(place("key"))).mode & 0o777).toBe(0o600);
    expect((await readFile(place("key"), "utf8")).trim()).toMatch(/^[0-9a-f]{64}$/);
    const files = await filesOf(place("first"));
    expect(files).toHaveLength(1);
    await expectNoPatient(files, [mr]);
  });

  it("blanks by a list of regions; the same key makes the same names", async () => {
    const rule = {
      name: "x",
      when: { Modality: "US" },
      blank: [{ x: 0, y: 0, width: 4, height: 1 }],
    };
    await writeFile(place("regions"), JSON.stringify([rule]));
    const report = await deidentify("second", "--regions", place("regions"));
    expect(report).toMatchObject({ written: 2, refused: [], keyIsNew: false });
    expect(process.exitCode ?? 0).toBe(0);
    const relative = async (out: string) =>
      (await filesOf(place(out))).map((path) => path.slice(place(out).length));
    expect(await relative("second")).toEqual(expect.arrayContaining(await relative("first")));
    const files = await filesOf(place("second"));
    await expectNoPatient(files, [mr, us]);
    const modality = (bytes: Buffer) => readInstance(bytes).dataset.string(0x0008_0060);
    const all = await Promise.all(files.map((path) => readFile(path)));
    const made = all.find((bytes) => modality(bytes) === "US") ?? Buffer.of();
    const { data } = await decodeFrame(readInstance(made), 0);
    expect([...data.slice(0, 6)]).toEqual([0, 0, 0, 0, 9, 9]);
  });

  it("takes no key of another form", async () => {
    await writeFile(place("short"), "abc");
    const args = ["deidentify", place("in"), place("third"), "--key-file", place("short")];
    await expect(runAxial(args)).rejects.toThrow("64 hexadecimal digits");
  });
});

describe("with an installation", () => {
  let axial: TestStack;
  let db: Database;
  const { files, studyUid } = phantomSeries({ kind: "brain", slices: 2, size: 32 });
  beforeAll(async () => {
    axial = await startTestStack(0);
    db = openDatabase(axial.databaseUrl, { poolSize: 2, onIdleError: () => {} });
    vi.stubEnv("AXIAL_DATABASE_URL", axial.databaseUrl);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await db?.destroy();
    await axial?.close();
  });

  async function deadTask(): Promise<string> {
    const client = new AxialClient(axial);
    for (const file of files) {
      const headers = { "content-type": "application/dicom" };
      const body = new Uint8Array(file);
      await client.request("/dicom-web/studies", { method: "POST", headers, body });
    }
    const { id: study_id, series_id } = await db
      .selectFrom("study")
      .innerJoin("series", "series.study_id", "study.id")
      .select(["study.id", "series.id as series_id"])
      .where("study_uid", "=", studyUid)
      .executeTakeFirstOrThrow();
    const [id, run] = [newId<TaskId>(), newId<RunId>()];
    await db
      .insertInto("run")
      .values({ id: run, study_id, number: 9, reason: "closed", state: "failed", unfinished: 0 })
      .execute();
    await db
      .insertInto("task")
      .values({
        ...{ id, run_id: run, study_id, series_id, tenant_id: "default" as TenantId },
        ...{ lane: "routine", model_id: "tiny-brain", model_version: "1.0.0" },
        ...{ manifest: "0".repeat(64) as never, slices: 2, state: "dead" },
        ...{ error_code: "undecodable", error_detail: null, finished_at: new Date() },
      })
      .execute();
    return id;
  }

  it("axial dlq export writes a dead task's images without their patient", async () => {
    const task = await deadTask();
    const out = join(folder, "dead");
    const printed = await runAxial([
      ...["dlq", "export", task, out, "--key-file", join(folder, "dead-key"), "--json"],
      ...["--url", axial.url, "--key", axial.key],
    ]);
    expect(JSON.parse(printed)).toEqual({ written: 2, refused: [] });
    expect(process.exitCode ?? 0).toBe(0);
    const written = await filesOf(out);
    expect(written).toHaveLength(2);
    const originals = files.map((file) => {
      const { dataset } = readInstance(file);
      const text = (tag: number) => dataset.text(tag) ?? "?";
      return {
        ...{ StudyInstanceUID: studyUid, SOPInstanceUID: text(0x0008_0018) },
        ...{ PatientName: text(0x0010_0010), PatientID: text(0x0010_0020) },
      };
    });
    await expectNoPatient(written, originals);
  });

  it("axial audit verify finds the chain whole, then names the entry that was altered, or is missing", async () => {
    const verify = async () => {
      process.exitCode = 0;
      const args = ["audit", "verify", "--tenant", "default", "--json"];
      const [report] = JSON.parse(await runAxial(args));
      return { broken: report.broken, entries: report.entries, exitCode: process.exitCode };
    };
    const enough = await eventually("six entries have their place", async () => {
      const report = await verify();
      if (report.entries >= 6) return report;
      await new AxialClient(axial).json("/api/v1/studies");
      return false;
    });
    expect(enough).toMatchObject({ broken: null, exitCode: 0 });
    const tamper = async (statement: string) => {
      await sql`ALTER TABLE audit DISABLE TRIGGER USER`.execute(db);
      await sql.raw(`${statement} AND tenant_id = 'default'`).execute(db);
      await sql`ALTER TABLE audit ENABLE TRIGGER USER`.execute(db);
    };
    await tamper("UPDATE audit SET action = 'x' WHERE seq = 4");
    expect(await verify()).toMatchObject({ broken: { seq: 4, how: "altered" }, exitCode: 1 });
    await tamper("DELETE FROM audit WHERE seq = 3");
    expect(await verify()).toMatchObject({ broken: { seq: 3, how: "missing" }, exitCode: 1 });
    const table = await runAxial(["audit", "verify", "--tenant", "default"]);
    expect(table).toContain("entry 3 is missing");
  });
});
