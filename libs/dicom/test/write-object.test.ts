import { expect, test } from "vitest";
import { readInstance, Tag, toDicomJson, writeObject } from "../src/index.ts";

test("an object that is written reads back with its values, sequences and bytes", () => {
  const bytes = writeObject({
    implementationClassUid: "2.25.7",
    implementationVersion: "TEST_1",
    attributes: {
      SpecificCharacterSet: "ISO_IR 192",
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
      SOPInstanceUID: "2.25.1",
      PatientName: "Müller^Jörg=山田",
      ImageType: ["DERIVED", "SECONDARY"],
      Rows: 3,
      ReferencedPerformedProcedureStepSequence: [],
      ConceptNameCodeSequence: [{ CodeValue: "126000", CodeMeaning: "Report" }],
      PixelData: Uint8Array.of(1, 2, 3),
    },
  });
  const instance = readInstance(bytes);
  expect(instance).toMatchObject({ truncated: false });
  expect(instance.meta.string(Tag.ImplementationClassUid)).toBe("2.25.7");
  expect(instance.dataset.value(Tag.PixelData)).toEqual(Buffer.of(1, 2, 3, 0));
  expect(toDicomJson(instance, { bulkDataUri: (tag) => tag })).toMatchObject({
    "00080008": { vr: "CS", Value: ["DERIVED", "SECONDARY"] },
    "00081111": { vr: "SQ" },
    "00100010": { vr: "PN", Value: [{ Alphabetic: "Müller^Jörg", Ideographic: "山田" }] },
    "00280010": { vr: "US", Value: [3] },
    "0040A043": { vr: "SQ", Value: [{ "00080100": { vr: "SH", Value: ["126000"] } }] },
  });
});
