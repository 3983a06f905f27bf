import { expect, test } from "vitest";
import { writePart10 } from "../fixtures/index.ts";
import { readInstance, toDicomJson } from "../src/index.ts";

test("the DICOM JSON model of PS3.18 annex F", () => {
  const instance = readInstance(
    writePart10({
      elements: {
        SpecificCharacterSet: "ISO_IR 192",
        PatientName: "Müller^Eva=山田",
        StudyDate: "",
        Rows: 2,
        PixelSpacing: [0.5, 0.25],
        FrameIncrementPointer: 0x0018_1063,
        AnatomicRegionSequence: [{ CodeMeaning: "Brain" }],
        "00091010": { vr: "OB", value: Uint8Array.of(1, 2) },
        PixelData: new Uint16Array(4),
      },
    }),
  );
  const json = toDicomJson(instance, { bulkDataUri: (tag) => `/bulk/${tag}` });
  expect(json).toEqual({
    "00080005": { vr: "CS", Value: ["ISO_IR 192"] },
    "00080020": { vr: "DA" },
    "00082218": { vr: "SQ", Value: [{ "00080104": { vr: "LO", Value: ["Brain"] } }] },
    "00091010": { vr: "OB", InlineBinary: "AQI=" },
    "00100010": { vr: "PN", Value: [{ Alphabetic: "Müller^Eva", Ideographic: "山田" }] },
    "00280009": { vr: "AT", Value: ["00181063"] },
    "00280010": { vr: "US", Value: [2] },
    "00280030": { vr: "DS", Value: [0.5, 0.25] },
    "7FE00010": { vr: "OW", BulkDataURI: "/bulk/7FE00010" },
  });
});

test("text of an item with a character set of its own is in UTF-8 and says so", () => {
  const cyrillic = { vr: "PN", value: Uint8Array.of(0xbb, 0xee, 0xda) };
  const item = { SpecificCharacterSet: "ISO_IR 144", "00100010": cyrillic };
  const instance = readInstance(
    writePart10({ elements: { SOPInstanceUID: "2.25.1", DirectoryRecordSequence: [item] } }),
  );
  const json = toDicomJson(instance, { bulkDataUri: (tag) => tag });
  expect(json["00041220"]?.Value?.[0]).toEqual({
    "00080005": { vr: "CS", Value: ["ISO_IR 192"] },
    "00100010": { vr: "PN", Value: [{ Alphabetic: "Люк" }] },
  });
});
