import { newUid } from "@axial/contracts";
import type { DicomJson } from "@axial/dicom";
import { phantomSeries, writePart10 } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DicomwebServer, startDicomwebServer } from "../../src/dicomweb-server.ts";
import { stow } from "../../src/stow.ts";

const MR = "1.2.840.10008.5.1.4.1.1.4";
const CT = "1.2.840.10008.5.1.4.1.1.2";

let gateway: DicomwebServer;
const study = newUid();
const [mr, ct] = [newUid(), newUid()];
const other = phantomSeries({ kind: "knee", seed: 3, slices: 2, size: 16 });

/** A study with two series of two modalities, four instances, a Japanese name and a request. */
function files(): Buffer[] {
  const image = (series: string, modality: string, number: number) =>
    writePart10({
      elements: {
        SpecificCharacterSet: "ISO_IR 192",
        SOPClassUID: modality === "MR" ? MR : CT,
        SOPInstanceUID: newUid(),
        StudyInstanceUID: study,
        SeriesInstanceUID: series,
        StudyDate: "20240131",
        StudyTime: "101530.5",
        AccessionNumber: "ACC_1%",
        StudyDescription: "Kopf",
        StudyID: "S1",
        ReferringPhysicianName: "REFER^RING",
        PatientName: "Yamada^Tarou=山田^太郎=やまだ^たろう",
        PatientID: "P-17",
        PatientBirthDate: "19700101",
        PatientSex: "O",
        Modality: modality,
        SeriesNumber: modality === "MR" ? "3" : "4",
        SeriesDescription: "axial",
        PerformedProcedureStepStartDate: "20240131",
        RequestAttributesSequence: [
          { RequestedProcedureID: "RP7", ScheduledProcedureStepID: "S7" },
        ],
        InstanceNumber: String(number),
        Rows: 4,
        Columns: 5,
        SamplesPerPixel: 1,
        PhotometricInterpretation: "MONOCHROME2",
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 0,
        PixelData: new Uint16Array(20),
      },
    });
  return [image(mr, "MR", 1), image(mr, "MR", 2), image(mr, "MR", 3), image(ct, "CT", 1)];
}

beforeAll(async () => {
  gateway = await startDicomwebServer();
  expect((await stow(gateway, files())).status).toBe(200);
  expect((await stow(gateway, other.files)).status).toBe(200);
});
afterAll(() => gateway.stop());

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly warning: string | null;
  readonly body: DicomJson[];
}

async function search(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/dicom-web${path}`, {
    headers: { authorization: `Bearer ${gateway.key}`, ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    warning: response.headers.get("warning"),
    body: (await response.json()) as DicomJson[],
  };
}

const uids = (answer: Answer, tag: string) => answer.body.map((each) => each[tag]?.Value?.[0]);
const STUDY = "0020000D";
const SERIES = "0020000E";

describe("required attributes", () => {
  test("of a study", async () => {
    const { status, type, body, warning } = await search(`/studies?StudyInstanceUID=${study}`);
    expect([status, type, warning]).toEqual([200, "application/dicom+json", null]);
    expect(body).toEqual([
      {
        "00080005": { vr: "CS", Value: ["ISO_IR 192"] },
        "00080020": { vr: "DA", Value: ["20240131"] },
        "00080030": { vr: "TM", Value: ["101530.5"] },
        "00080050": { vr: "SH", Value: ["ACC_1%"] },
        "00080056": { vr: "CS", Value: ["ONLINE"] },
        "00080061": { vr: "CS", Value: ["CT", "MR"] },
        "00080090": { vr: "PN", Value: [{ Alphabetic: "REFER^RING" }] },
        "00081190": { vr: "UR", Value: [`${gateway.url}/dicom-web/studies/${study}`] },
        "00100010": {
          vr: "PN",
          Value: [
            { Alphabetic: "Yamada^Tarou", Ideographic: "山田^太郎", Phonetic: "やまだ^たろう" },
          ],
        },
        "00100020": { vr: "LO", Value: ["P-17"] },
        "00100030": { vr: "DA", Value: ["19700101"] },
        "00100040": { vr: "CS", Value: ["O"] },
        "0020000D": { vr: "UI", Value: [study] },
        "00200010": { vr: "SH", Value: ["S1"] },
        "00201206": { vr: "IS", Value: [2] },
        "00201208": { vr: "IS", Value: [4] },
      },
    ]);
  });

  test("of a study that knows little: the attributes are there, empty", async () => {
    const { body } = await search(`/studies?StudyInstanceUID=${other.studyUid}`);
    expect(body[0]?.["00100030"]).toEqual({ vr: "DA" });
    expect(body[0]?.["00081030"]).toBeUndefined();
  });

  test("of a series and an instance", async () => {
    const series = await search(`/studies/${study}/series?Modality=MR`);
    expect(series.body).toHaveLength(1);
    expect(series.body[0]).toMatchObject({
      "00080060": { vr: "CS", Value: ["MR"] },
      "0008103E": { vr: "LO", Value: ["axial"] },
      "0020000E": { vr: "UI", Value: [mr] },
      "00200011": { vr: "IS", Value: [3] },
      "00201209": { vr: "IS", Value: [3] },
      "00400244": { vr: "DA", Value: ["20240131"] },
      "00400275": { vr: "SQ", Value: [{ "00401001": { vr: "SH", Value: ["RP7"] } }] },
    });
    expect(series.body[0]).not.toHaveProperty("00100020");
    const instances = await search(`/studies/${study}/series/${ct}/instances`);
    const url = series.body[0]?.["00081190"]?.Value?.[0];
    expect(url).toBe(`${gateway.url}/dicom-web/studies/${study}/series/${mr}`);
    expect(instances.body[0]).toMatchObject({
      "00080016": { vr: "UI", Value: [CT] },
      "00200013": { vr: "IS", Value: [1] },
      "00280010": { vr: "US", Value: [4] },
      "00280011": { vr: "US", Value: [5] },
      "00280100": { vr: "US", Value: [16] },
    });
    expect(instances.body[0]).not.toHaveProperty("00280008");
  });

  test("relational searches carry their parents' attributes", async () => {
    const { body } = await search(`/instances?PatientID=P-17&InstanceNumber=2`);
    expect(body).toHaveLength(1);
    expect(body[0]).toMatchObject({
      "00100020": { vr: "LO", Value: ["P-17"] },
      "00080060": { vr: "CS", Value: ["MR"] },
      "00201208": { vr: "IS", Value: [4] },
    });
    expect((await search(`/studies/${study}/instances`)).body).toHaveLength(4);
    expect((await search("/series?ModalitiesInStudy=CT")).body).toHaveLength(2);
  });

  test("includefield adds what is kept", async () => {
    const one = await search(`/studies?0020000D=${study}&includefield=StudyDescription`);
    expect(one.body[0]?.["00081030"]?.Value).toEqual(["Kopf"]);
    const all = await search(`/studies/${study}/series/${ct}/instances?includefield=all`);
    expect(all.body[0]).toMatchObject({
      "00081030": { vr: "LO", Value: ["Kopf"] },
      "00083002": { vr: "UI", Value: ["1.2.840.10008.1.2.1"] },
    });
  });
});

describe("matching", () => {
  test.each([
    ["PatientID=P-17", 1],
    ["PatientID=p-17", 0],
    ["PatientID=P-1*", 1],
    ["PatientID=P-1?", 1],
    ["00100020=P-1", 0],
    ["AccessionNumber=ACC_1%25", 1],
    ["AccessionNumber=ACCx1%25", 0],
    ["AccessionNumber=ACC%3F1*", 1],
    ["AccessionNumber=ACC_1*%25", 1],
    ["PatientName=yamada^tarou", 1],
    ["PatientName=YAMADA*", 1],
    ["PatientName=山田*", 1],
    ["PatientName=Tarou", 0],
    ["StudyDate=20240131", 1],
    ["StudyDate=20240101-20240201", 1],
    ["StudyDate=20240201-&PatientID=P-17", 0],
    ["StudyDate=-20240131", 1],
    ["StudyTime=1015", 1],
    ["StudyTime=10-11", 1],
    ["StudyTime=1016-&PatientID=P-17", 0],
    ["StudyTime=101530.5", 1],
    ["ModalitiesInStudy=CT", 1],
    ["ModalitiesInStudy=US", 0],
    ["ModalitiesInStudy=CT&PatientID=P-17", 1],
    ["ModalitiesInStudy=CT&PatientID=P-18", 0],
  ])("/studies?%s finds %i", async (query, found) => {
    const { status, body } = await search(`/studies?${query}`);
    expect([status, body.length]).toEqual([200, found]);
  });

  test("lists of UIDs, numbers, and attributes inside the request sequence", async () => {
    const both = await search(`/studies?StudyInstanceUID=${study},${other.studyUid}`);
    expect(uids(both, STUDY)).toEqual([other.studyUid, study]);
    expect(uids(await search("/series?SeriesNumber=3&PatientID=P-17"), SERIES)).toEqual([mr]);
    const request = "RequestAttributesSequence.RequestedProcedureID";
    expect((await search(`/series?${request}=RP7`)).body).toHaveLength(2);
    expect((await search(`/series?${request}=RP8`)).body).toHaveLength(0);
  });

  test("no match is 200 and an empty list", async () => {
    for (const path of [`/studies/${newUid()}/series`, "/studies?PatientID=none"]) {
      expect(await search(path)).toMatchObject({ status: 200, body: [], warning: null });
    }
  });
});

describe("paging and warnings", () => {
  test("pages follow each other and say when there is more", async () => {
    const first = await search("/instances?limit=4");
    const second = await search("/instances?limit=4&offset=4");
    expect([first.body.length, second.body.length]).toEqual([4, 2]);
    expect(first.warning).toContain("299");
    expect(first.warning).toContain("additional results");
    expect(second.warning).toBeNull();
    const all = [...uids(first, "00080018"), ...uids(second, "00080018")];
    expect(new Set(all).size).toBe(6);
    expect((await search("/studies?limit=0")).body).toEqual([]);
  });

  test("what is not supported is ignored with a warning", async () => {
    const unknown = await search(`/studies?PatientID=P-17&Colour=blue&SOPInstanceUID=1.2`);
    expect(unknown.body).toHaveLength(1);
    expect(unknown.warning).toContain("ignored");
    const fuzzy = await search("/studies?PatientID=P-17&fuzzymatching=true");
    expect(fuzzy.warning).toContain("fuzzymatching");
  });

  test("bad syntax is 400, another media type 406", async () => {
    for (const query of ["limit=-1", "offset=x", "StudyDate=31.01.2024", "StudyInstanceUID=a"]) {
      expect((await search(`/studies?${query}`)).status).toBe(400);
    }
    expect((await search("/studies/not-a-uid/series")).status).toBe(400);
    const xml = 'multipart/related; type="application/dicom+xml"';
    expect((await search("/studies", { accept: xml })).status).toBe(406);
    expect((await search("/studies?accept=application/json", { accept: xml })).status).toBe(200);
  });
});

test("another tenant finds nothing, and no key is 401", async () => {
  await fetch(`${gateway.url}/api/v1/tenants`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ id: "other" }),
  });
  const made = await fetch(`${gateway.url}/api/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "theirs", role: "reader", tenant: "other" }),
  });
  const { key } = (await made.json()) as { key: string };
  const theirs = await search("/studies", { authorization: `Bearer ${key}` });
  expect(theirs).toMatchObject({ status: 200, body: [] });
  expect((await search("/studies", { authorization: "" })).status).toBe(401);
});

test("the same search under a lane's address", async () => {
  const response = await fetch(`${gateway.url}/lanes/stat/dicom-web/studies?PatientID=P-17`, {
    headers: { authorization: `Bearer ${gateway.key}` },
  });
  expect(((await response.json()) as unknown[]).length).toBe(1);
});

test("a held study is found by each of its patients, and shown for each", async () => {
  const held = newUid();
  const image = (patient: Record<string, string>, series: string) =>
    writePart10({
      elements: {
        ...{ SOPClassUID: MR, SOPInstanceUID: newUid(), StudyInstanceUID: held },
        ...{ SeriesInstanceUID: series, Modality: "MR", ...patient },
        ...{ Rows: 4, Columns: 5, SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME2" },
        ...{ BitsAllocated: 16, BitsStored: 12, HighBit: 11, PixelRepresentation: 0 },
        PixelData: new Uint16Array(20),
      },
    });
  const [first, second] = [newUid(), newUid()];
  const files = [
    image({ PatientID: "HELD-1", PatientName: "Held^First" }, first),
    image({ PatientID: "HELD-2", PatientName: "Held^Second" }, second),
  ];
  expect((await stow(gateway, files)).status).toBe(200);
  const found = async (query: string) =>
    (await search(`/studies?${query}`)).body.map((each) => [
      each[STUDY]?.Value?.[0],
      each["00100020"]?.Value?.[0],
    ]);
  expect(await found("PatientID=HELD-1")).toEqual([[held, "HELD-1"]]);
  expect(await found("PatientName=held%5Esecond")).toEqual([[held, "HELD-2"]]);
  expect((await found(`StudyInstanceUID=${held}`)).map(([, patient]) => patient).sort()).toEqual([
    "HELD-1",
    "HELD-2",
  ]);
  expect(uids(await search("/series?PatientID=HELD-2"), SERIES)).toEqual([second]);
  const paged = await Promise.all(
    [0, 1].map((offset) => found(`limit=1&offset=${offset}&PatientID=HELD-*`)),
  );
  expect(
    paged
      .flat()
      .map(([, patient]) => patient)
      .sort(),
  ).toEqual(["HELD-1", "HELD-2"]);
});

describe("values that are not valid dates or times", () => {
  const patients = {
    "P-LEGACY": { StudyDate: "2031.01.02", StudyTime: "NOON" },
    "P-GARBAGE": { StudyDate: "UNKNOWN", StudyTime: "99" },
    "P-NEVER": { StudyDate: "20311345", StudyTime: "256199" },
  };
  beforeAll(async () => {
    const files = Object.entries(patients).map(([PatientID, elements]) =>
      writePart10({
        elements: {
          ...{ SOPClassUID: MR, SOPInstanceUID: newUid(), StudyInstanceUID: newUid() },
          ...{ SeriesInstanceUID: newUid(), Modality: "MR", PatientID, ...elements },
          ...{ Rows: 4, Columns: 5, SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME2" },
          ...{ BitsAllocated: 16, BitsStored: 12, HighBit: 11, PixelRepresentation: 0 },
          PixelData: new Uint16Array(20),
        },
      }),
    );
    expect((await stow(gateway, files)).status).toBe(200);
  });

  test.each([
    ["StudyDate=20310102", ["P-LEGACY"]],
    ["StudyDate=2031.01.02", ["P-LEGACY"]],
    ["StudyDate=20310101-20310103", ["P-LEGACY"]],
    ["StudyDate=20310103-", []],
    ["StudyDate=20300101-", ["P-LEGACY"]],
    ["StudyDate=-99991231", ["P-LEGACY"]],
    ["StudyTime=00-", []],
    ["StudyTime=-235959.999999", []],
    ["StudyDate=", ["P-GARBAGE", "P-LEGACY", "P-NEVER"]],
  ])("%s finds %j of them", async (query, found) => {
    const { status, body } = await search(`/studies?${query}`);
    const ids = body.map((each) => String(each["00100020"]?.Value?.[0]));
    const ours = ids.filter((id) => Object.hasOwn(patients, id)).toSorted();
    expect([status, ours]).toEqual([200, found]);
  });
});
