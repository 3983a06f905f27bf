import { newUid } from "@axial/contracts";
import { eventually, phantomSeries, writePart10 } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE, plansOf } from "./plans.ts";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { post, stow } from "./stow.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const { planned, runsOf } = plansOf(() => gateway);
const FIRST = { PatientID: "P1", PatientBirthDate: "19700101", PatientSex: "F" };

function image(study: string, patient: Record<string, string>) {
  return writePart10({
    elements: {
      ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.4", SOPInstanceUID: newUid() },
      ...{ StudyInstanceUID: study, SeriesInstanceUID: newUid(), Modality: "MR" },
      ...{ PatientName: "Test^Case", ...patient },
      ...{ Rows: 8, Columns: 8, SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME2" },
      ...{ BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelRepresentation: 0 },
      PixelData: new Uint16Array(64),
    },
  });
}

const studyRow = (studyUid: string) =>
  gateway.db
    .selectFrom("study")
    .selectAll()
    .where("study_uid", "=", studyUid)
    .executeTakeFirstOrThrow();

async function send(...patients: Record<string, string>[]): Promise<string> {
  const study = newUid();
  const files = patients.map((patient) => image(study, patient));
  expect((await stow(gateway, files, CLOSE)).status).toBe(200);
  return study;
}

const resolve = (study: string, body: object) =>
  post(gateway, `/api/v1/studies/${study}/resolve`, {
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });

async function patientsOf(study: string) {
  const response = await fetch(`${gateway.url}/api/v1/studies/${study}/resolve`, {
    headers: { authorization: `Bearer ${gateway.key}` },
  });
  return (await response.json()) as {
    contradicting: string[];
    patients: { id: string; instances: number; attributes: Record<string, unknown> }[];
  };
}

describe("a study whose instances name several patients", () => {
  test.each([
    ["PatientID", { ...FIRST, PatientID: "P2" }],
    ["PatientBirthDate", { ...FIRST, PatientBirthDate: "19700102" }],
    ["PatientSex", { ...FIRST, PatientSex: "M" }],
  ])("is held where they contradict in %s", async (keyword, other) => {
    const study = await send(FIRST, other);
    expect(await studyRow(study)).toMatchObject({ state: "held", plan_reason: null });
    expect(await runsOf(study)).toEqual([]);
    const { contradicting, patients } = await patientsOf(study);
    expect(contradicting).toEqual([keyword]);
    expect(patients.map(({ id, instances }) => [id === "first", instances])).toEqual([
      [true, 1],
      [false, 1],
    ]);
    const again = await post(gateway, `/api/v1/studies/${study}/rerun`, {
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(again.status).toBe(409);
  });

  test("is held when the other comes later, and the first says less than the third", async () => {
    const study = await send({ PatientName: "Test^Case" });
    await planned(study);
    await stow(gateway, [image(study, FIRST)], CLOSE);
    expect((await studyRow(study)).state).not.toBe("held");
    expect((await studyRow(study)).tags).toMatchObject({ "00100020": { Value: ["P1"] } });
    await stow(gateway, [image(study, { PatientID: "P2" })], CLOSE);
    expect((await studyRow(study)).state).toBe("held");
  });

  test("is not held where they are only written otherwise, or say nothing", async () => {
    const study = await send(FIRST, {
      PatientID: "P1 ",
      PatientBirthDate: "1970.01.01",
      PatientSex: "f",
      PatientName: "TEST^CASE",
    });
    await stow(gateway, [image(study, { PatientSex: "unknown", PatientID: "" })], CLOSE);
    expect((await studyRow(study)).state).not.toBe("held");
  });

  test("is held where two issuers gave out the same number, and where one says none it is not", async () => {
    const issued = (IssuerOfPatientID: string) => ({ ...FIRST, IssuerOfPatientID });
    const study = await send(issued("NORTH"), issued("SOUTH"));
    expect((await studyRow(study)).state).toBe("held");
    expect((await patientsOf(study)).contradicting).toEqual(["IssuerOfPatientID"]);
    const unsaid = await send(issued("NORTH"), FIRST);
    expect((await studyRow(unsaid)).state).not.toBe("held");
  });

  test("is planned when an operator says that they are one, and more of either holds nothing", async () => {
    const study = await send(FIRST, { ...FIRST, PatientID: "P2" });
    const [, other] = (await patientsOf(study)).patients;
    const decided = await resolve(study, { keep: other?.id, others: "merge" });
    expect([decided.status, decided.body]).toMatchObject([200, { state: "closed" }]);
    await planned(study);
    const row = await studyRow(study);
    expect(row).toMatchObject({ instance_count: 2, tags: { "00100020": { Value: ["P2"] } } });
    await stow(gateway, [image(study, FIRST), image(study, { ...FIRST, PatientID: "P2" })], CLOSE);
    expect((await studyRow(study)).state).not.toBe("held");
    expect((await resolve(study, { keep: "first", others: "merge" })).status).toBe(409);
    const audit = gateway.db.selectFrom("audit").select("action").where("target", "=", row.id);
    expect(await audit.execute()).toContainEqual({ action: "study.resolve" });
  });

  test("is planned without the others' images when an operator says so", async () => {
    const study = await send(FIRST, { ...FIRST, PatientID: "P2" });
    expect((await resolve(study, { keep: "first", others: "remove" })).status).toBe(200);
    await planned(study);
    expect(await studyRow(study)).toMatchObject({ instance_count: 1 });
    expect((await patientsOf(study)).patients).toHaveLength(1);
  });

  test("under legal hold can be merged, and nothing is removed", async () => {
    const study = await send(FIRST, { ...FIRST, PatientID: "P2" });
    await gateway.db
      .updateTable("study")
      .set({ hold_since: new Date(), hold_reason: "case 7" })
      .where("study_uid", "=", study)
      .execute();
    expect((await resolve(study, { keep: "first", others: "remove" })).status).toBe(409);
    expect(await studyRow(study)).toMatchObject({ state: "held", instance_count: 2 });
    expect((await resolve(study, { keep: "first", others: "merge" })).status).toBe(200);
  });

  test("is no business of a sender", async () => {
    const made = await post(gateway, "/api/v1/keys", {
      body: JSON.stringify({ name: "sender", role: "sender" }),
      headers: { "content-type": "application/json" },
    });
    const { key } = made.body as unknown as { key: string };
    const study = await send(FIRST, { ...FIRST, PatientID: "P2" });
    const url = `${gateway.url}/api/v1/studies/${study}/resolve`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(403);
  });
});

test("a study of one patient is planned as ever", async () => {
  const { studyUid, files } = phantomSeries({ kind: "brain", seed: 5, slices: 6, size: 32 });
  await stow(gateway, files, CLOSE);
  await eventually("it is planned", async () => (await runsOf(studyUid)).length === 1);
});
