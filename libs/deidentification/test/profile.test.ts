import { dictionaryEntry, readInstance } from "@axial/dicom";
import { type DataSetElements, writePart10 } from "@axial/dicom/fixtures";
import { describe, expect, test } from "vitest";
import { Deidentifier, type DeidentifyOptions } from "../src/index.ts";
import { PROFILE } from "../src/profile-table.ts";

const KEY = Buffer.alloc(32, 7);
const SECRET = "SECRET";

/** A value of each VR that says who it is about. */
const SECRETS: Readonly<Record<string, DataSetElements[string]>> = {
  ...{ AE: SECRET, CS: SECRET, LO: SECRET, LT: SECRET, PN: `${SECRET}^NAME`, SH: SECRET },
  ...{ ST: SECRET, UC: SECRET, UT: SECRET, UR: "urn:secret:1", UI: "1.2.3.4.5" },
  ...{ AS: "042Y", DA: "20240229", DT: "20240229123456.7", TM: "123456", DS: "42.5", IS: "42" },
  ...{ US: 4242, SS: 4242, UL: 4242, SL: 4242, FL: 42.5, FD: 42.5, AT: 0x0010_0010 },
  ...{ OB: Buffer.from(SECRET), OW: Buffer.from(SECRET), UN: Buffer.from(SECRET) },
};

const GENERAL: DataSetElements = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  SOPInstanceUID: "1.2.3.4",
  StudyInstanceUID: "1.2.3",
  SeriesInstanceUID: "1.2.3.1",
  PatientID: "MRN-1",
  PatientName: "DOE^JANE",
  Modality: "MR",
};

const FULL = { key: KEY, dates: "full", pixelRules: [] } as const;
const MODIFIED = { ...FULL, dates: "modified" } as const;

async function through(elements: DataSetElements, options: DeidentifyOptions = FULL) {
  const file = writePart10({ elements: { ...GENERAL, ...elements } });
  const made = await new Deidentifier(options).deidentify(readInstance(file));
  return { file: made, dataset: readInstance(made).dataset };
}

const vrOf = (tag: number) => {
  const vr = dictionaryEntry(tag)?.vr ?? "LO";
  return vr === "XS" ? "US" : vr === "OX" ? "OW" : vr;
};
const secretOf = (tag: number): DataSetElements[string] => {
  const vr = vrOf(tag);
  // Kept as they are with full dates: an offset from UTC, and two timestamps of bytes.
  if (tag === 0x0008_0201) return "+0100";
  if (tag === 0x0034_0007 || tag === 0x0400_0310) return { vr, value: Buffer.of(1, 2) };
  if (vr !== "SQ") return { vr, value: SECRETS[vr] ?? SECRET } as DataSetElements[string];
  return [{ TextValue: SECRET, ReferencedSOPInstanceUID: "1.2.3.9", PatientName: "DOE^JANE" }];
};

/** Every tag of the table; curves and overlays by one of each group. */
const CASES = [...PROFILE].flatMap(([digits, entry]) => {
  const tags = digits.includes("x")
    ? ["00", "02", "1e"].map((group) => digits.replace("xx", group).replaceAll("x", "1"))
    : [digits];
  return tags.map((tag) => ({ tag, ...entry }));
});
/** Group 0002 is written anew, group 0000 is in no file; the patient and the UIDs have tests of their own. */
const TESTED = CASES.filter(({ tag }) => !/^(0000|0002)/.test(tag));

describe("every attribute of PS3.15 table E.1-1", () => {
  test("is there", () => {
    expect(PROFILE.size).toBe(655);
    expect(TESTED.length).toBeGreaterThan(650);
  });

  test.each(TESTED)(
    "$tag $action, dates retained: $temporal, cleaned: $descriptor",
    async (one) => {
      const { action, temporal, descriptor } = one;
      const tag = Number.parseInt(one.tag, 16);
      const vr = vrOf(tag);
      const { file, dataset } = await through({ [one.tag]: secretOf(tag) });
      const text = file.toString("latin1");
      for (const phi of [SECRET, "DOE", "MRN-1", "1.2.3.9"]) expect(text).not.toContain(phi);
      if (one.tag === "00100010" || one.tag === "00100020") {
        expect(dataset.string(tag)).toMatch(/^P[0-9a-f]{16}$/);
      } else if (temporal) {
        expect(dataset.string(tag)).toEqual(readBack(one.tag));
      } else if (action === "X") {
        expect(dataset.has(tag)).toBe(false);
      } else if (action === "U") {
        expect(dataset.string(tag)).toMatch(/^2\.25\.\d+$/);
      } else if (action === "X/Z/U*") {
        const [item] = dataset.items(tag);
        expect([...(item?.elements.keys() ?? [])]).toEqual([0x0008_1155]);
        expect(item?.string(0x0008_1155)).toMatch(/^2\.25\.\d+$/);
      } else if (action === "Z" || action === "X/Z") {
        expect(dataset.has(tag)).toBe(true);
        if (vr === "SQ") expect(dataset.items(tag)).toEqual([]);
        else expect(dataset.value(tag)).toHaveLength(0);
      } else {
        // D and its relatives: something is there, and it says nothing.
        expect(
          vr === "SQ" ? dataset.items(tag).length : dataset.value(tag)?.length,
        ).toBeGreaterThan(0);
      }
      if (descriptor && vr === "LO") {
        const cleaned = await through({ [one.tag]: { vr, value: `MR BRAIN ${SECRET} T2` } });
        expect(cleaned.dataset.string(tag)).toBe("MR BRAIN T2");
      }
    },
  );

  function readBack(tag: string): string | null {
    const file = writePart10({
      elements: { ...GENERAL, [tag]: secretOf(Number.parseInt(tag, 16)) },
    });
    return readInstance(file).dataset.string(Number.parseInt(tag, 16));
  }
});

describe("retain longitudinal temporal information", () => {
  const dates = {
    StudyDate: "20240229",
    AcquisitionDateTime: "20240301083000.5+0100",
    StudyTime: "0830",
  };
  const days = (from: string | null, to: string) =>
    (Date.parse(dashed(to)) - Date.parse(dashed(from ?? ""))) / 86_400_000;
  const dashed = (date: string) => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`;

  test("modified dates move by one number of days per patient; times stay", async () => {
    const { dataset } = await through(dates, MODIFIED);
    const moved = days(dataset.string(0x0008_0020), "20240229");
    expect(moved).toBeGreaterThanOrEqual(365);
    expect(dataset.string(0x0008_0030)).toBe("0830");
    expect(days(dataset.string(0x0008_002a), "20240301")).toBe(moved);
    expect(dataset.string(0x0008_002a)).toMatch(/^\d{8}083000\.5\+0100$/);
    expect(dataset.string(0x0028_0303)).toBe("MODIFIED");
    const later = await through({ StudyDate: "20250101", SOPInstanceUID: "1.9" }, MODIFIED);
    expect(days(later.dataset.string(0x0008_0020), "20250101")).toBe(moved);
    const other = await through({ ...dates, PatientID: "MRN-2" }, MODIFIED);
    expect(days(other.dataset.string(0x0008_0020), "20240229")).not.toBe(moved);
  });

  test("full dates stay; a birth date goes all the same", async () => {
    const { dataset } = await through({ ...dates, PatientBirthDate: "19700101" });
    expect(dataset.string(0x0008_0020)).toBe("20240229");
    expect(dataset.string(0x0010_0030)).toBeNull();
    expect(dataset.string(0x0028_0303)).toBe("UNMODIFIED");
  });

  test("a value that is not a whole date is not kept", async () => {
    const { file } = await through({ StudyDate: "2024", ContentDate: "199" }, MODIFIED);
    expect(readInstance(file).dataset.string(0x0008_0020)).not.toBe("2024");
  });
});

describe("UIDs", () => {
  test("are the same for the same key, at every depth, and other ones for another", async () => {
    const elements = {
      ReferencedImageSequence: [
        { ReferencedSOPClassUID: "1.2.840.10008.5.1.4.1.1.4", ReferencedSOPInstanceUID: "1.2.3.4" },
      ],
    };
    const { dataset, file } = await through(elements);
    const [referenced] = dataset.items(0x0008_1140);
    expect(referenced?.string(0x0008_1155)).toBe(dataset.string(0x0008_0018));
    expect(referenced?.string(0x0008_1150)).toBe("1.2.840.10008.5.1.4.1.1.4");
    expect(readInstance(file).meta.string(0x0002_0003)).toBe(dataset.string(0x0008_0018));
    const again = await through({});
    expect(again.dataset.string(0x0008_0018)).toBe(dataset.string(0x0008_0018));
    const other = await through({}, { ...FULL, key: Buffer.alloc(32, 8) });
    expect(other.dataset.string(0x0008_0018)).not.toBe(dataset.string(0x0008_0018));
    expect(dataset.string(0x0008_0018)).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
  });

  test("need a key of 32 bytes", () => {
    expect(() => new Deidentifier({ ...FULL, key: Buffer.alloc(31) })).toThrow("32 bytes");
  });
});

describe("private elements", () => {
  const block = {
    "00190010": { vr: "LO", value: "SIEMENS MR HEADER" },
    "0019100c": { vr: "IS", value: "1000" },
    "00191008": { vr: "CS", value: SECRET },
    "00290010": { vr: "LO", value: "SIEMENS CSA HEADER" },
    "00291010": { vr: "OB", value: Buffer.from(SECRET) },
    "00310010": { vr: "LO", value: "ELSEWHERE" },
    "0031100c": { vr: "IS", value: "1" },
  } as const;

  test("stay where table E.3.10-1 has them, with the creator of their block", async () => {
    const { dataset, file } = await through(block);
    expect(dataset.string(0x0019_100c)).toBe("1000");
    expect(dataset.string(0x0019_0010)).toBe("SIEMENS MR HEADER");
    for (const gone of [0x0019_1008, 0x0029_0010, 0x0029_1010, 0x0031_0010, 0x0031_100c]) {
      expect(dataset.has(gone)).toBe(false);
    }
    expect(file.toString("latin1")).not.toContain(SECRET);
  });

  test("stay where their writer declares them safe", async () => {
    const declared = {
      PrivateDataElementCharacteristicsSequence: [
        {
          PrivateGroupReference: 0x0031,
          PrivateCreatorReference: "ELSEWHERE",
          BlockIdentifyingInformationStatus: "SAFE",
        },
      ],
    };
    const { dataset } = await through({ ...block, ...declared });
    expect(dataset.string(0x0031_100c)).toBe("1");
    expect(dataset.has(0x0029_1010)).toBe(false);
  });
});

describe("descriptors", () => {
  const cleaned = async (text: string, more: DataSetElements = {}) =>
    (await through({ StudyDescription: text, ...more })).dataset.string(0x0008_1030);

  test("keep the words of a list, and never those of the patient", async () => {
    expect(await cleaned("MRT Kopf Doe, Jane *1.2.1970 T2 FLAIR")).toBe("MRT Kopf T2 FLAIR");
    expect(await cleaned("CT HEART CONTRAST", { PatientName: "HEART^ANNA" })).toBe("CT CONTRAST");
    expect(await cleaned("DOE 12345")).toBeNull();
  });

  test("that are codes keep those of public schemes", async () => {
    const code = (value: string, scheme: string, meaning: string) => ({
      CodeValue: value,
      CodingSchemeDesignator: scheme,
      CodeMeaning: meaning,
    });
    const { dataset, file } = await through({
      AdmittingDiagnosesCodeSequence: [
        code("12738006", "SCT", "Brain"),
        code("S1", "99LOCAL", SECRET),
      ],
    });
    const items = dataset.items(0x0008_1084);
    expect(items.map((item) => item.string(0x0008_0100))).toEqual(["12738006"]);
    expect(items[0]?.string(0x0008_0104)).toBe("Brain");
    expect(file.toString("latin1")).not.toContain(SECRET);
  });
});

test("what the dictionary does not know is removed, deep inside too", async () => {
  const hidden = { vr: "LO", value: SECRET } as const;
  const { dataset, file } = await through({
    "00189990": hidden,
    SharedFunctionalGroupsSequence: [
      { "00189990": hidden, PixelMeasuresSequence: [{ SliceThickness: "5" }] },
    ],
  });
  expect(file.toString("latin1")).not.toContain(SECRET);
  const [shared] = dataset.items(0x5200_9229);
  expect(shared?.items(0x0028_9110)[0]?.string(0x0018_0050)).toBe("5");
});

test("an instance says what was done to it (0012,0062-0064)", async () => {
  const { dataset } = await through({}, MODIFIED);
  expect(dataset.string(0x0012_0062)).toBe("YES");
  expect(dataset.strings(0x0012_0063)[0]).toBe("DICOM PS3.15 2026c");
  expect(dataset.strings(0x0012_0063).every((value) => value.length <= 64)).toBe(true);
  expect(dataset.items(0x0012_0064).map((item) => item.string(0x0008_0100))).toEqual([
    ...["113100", "113101", "113105", "113111", "113107"],
  ]);
});
