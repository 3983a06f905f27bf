import { gzipSync } from "node:zlib";
import { newUid, OWN_MANUFACTURER } from "@axial/contracts";
import { encodeRle } from "@axial/dicom/fixtures";
import { writePart10 } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "./start-gateway.ts";
import { MULTIPART, multipart, post, stow, valuesIn } from "./stow.ts";

const FAILED = "00081198";
const STORED = "00081199";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const PIXELS = Uint16Array.from({ length: 64 }, (_, index) => index * 3);
const IMPLICIT = "1.2.840.10008.1.2";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const RLE = "1.2.840.10008.1.2.5";

function elements(more: Parameters<typeof writePart10>[0]["elements"] = {}) {
  return {
    SpecificCharacterSet: "ISO_IR 100",
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
    SOPInstanceUID: newUid(),
    SeriesInstanceUID: newUid(),
    StudyInstanceUID: newUid(),
    PatientName: "Test^Case",
    PatientID: "P1",
    Modality: "MR",
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    Rows: 8,
    Columns: 8,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    PixelData: PIXELS,
    ...more,
  };
}

const countOf = async (uid: string) => {
  const rows = gateway.db.selectFrom("instance").select("id").where("sop_instance_uid", "=", uid);
  return (await rows.execute()).length;
};

describe("an instance that comes again by another hop", () => {
  const own = elements();
  const rle = { fragments: [encodeRle(Buffer.from(PIXELS.buffer), 2)] };
  const hops: [string, Buffer][] = [
    [
      "another implementation wrote its file meta information",
      writePart10({ elements: own, meta: { ImplementationVersionName: "OTHER_PACS" } }),
    ],
    ["implicit VR", writePart10({ elements: own, transferSyntax: IMPLICIT })],
    ["big endian", writePart10({ elements: own, transferSyntax: BIG_ENDIAN })],
    [
      "another character set",
      writePart10({ elements: { ...own, SpecificCharacterSet: "ISO_IR 192" } }),
    ],
    [
      "compressed without loss",
      writePart10({ elements: { ...own, PixelData: rle }, transferSyntax: RLE }),
    ],
  ];

  beforeAll(async () => {
    expect((await stow(gateway, [writePart10({ elements: own })])).status).toBe(200);
  });

  test.each(hops)("is success and stored once: %s", async (_name, file) => {
    const answer = await stow(gateway, [file]);
    expect([answer.status, valuesIn(answer, FAILED, "00081197")]).toEqual([200, []]);
    expect(await countOf(own.SOPInstanceUID)).toBe(1);
  });

  const changed: [string, object][] = [
    ["another name", { PatientName: "Other^Case" }],
    ["one attribute more", { BodyPartExamined: "BRAIN" }],
    [
      "another pixel",
      { PixelData: Uint16Array.from(PIXELS, (value, at) => value + (at === 9 ? 1 : 0)) },
    ],
  ];
  test.each(changed)("is refused where it says something else: %s", async (_name, change) => {
    const answer = await stow(gateway, [writePart10({ elements: { ...own, ...change } })]);
    expect(answer.status).toBe(409);
    expect(valuesIn(answer, FAILED, "00081197")).toEqual([0xb00e]);
    expect(valuesIn(answer, FAILED, "00000902")).toEqual([
      "A different instance with the same UID is already stored.",
    ]);
  });
});

describe("what Axial made itself", () => {
  const report = () => writePart10({ elements: elements({ Manufacturer: OWN_MANUFACTURER }) });

  test("is acknowledged and ignored, alone and among images", async () => {
    const image = elements();
    const own = elements({ Manufacturer: OWN_MANUFACTURER });
    const parts = [image, own].map((each) => writePart10({ elements: each }));
    const answer = await stow(gateway, parts);
    expect(answer.status).toBe(200);
    expect(valuesIn(answer, STORED, "00081155")).toEqual(
      [image, own].map((one) => one.SOPInstanceUID),
    );
    expect(await countOf(own.SOPInstanceUID)).toBe(0);
    expect((await stow(gateway, [report()])).status).toBe(200);
  });
});

describe("objects without pixels of their own", () => {
  test.each([
    ["by reference", { PixelDataProviderURL: "http://example.org/jpip" }],
    ["with rows and columns only", {}],
  ])("are stored: %s", async (_name, more) => {
    const { PixelData: _pixels, ...rest } = elements(more);
    expect((await stow(gateway, [writePart10({ elements: rest })])).status).toBe(200);
  });
});

describe("Content-Encoding", () => {
  const send = (body: Uint8Array<ArrayBuffer>, encoding: string, type = MULTIPART) =>
    post(gateway, "/dicom-web/studies", {
      body,
      headers: { "content-type": type, "content-encoding": encoding },
    });
  const zipped = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

  test("gzip is decoded, in parts and alone", async () => {
    const many = multipart([1, 2, 3].map(() => writePart10({ elements: elements() })));
    expect((await send(zipped(many), "gzip")).status).toBe(200);
    const one = writePart10({ elements: elements() });
    expect((await send(zipped(one), "gzip", "application/dicom")).status).toBe(200);
  });

  test("another is 415, damage 400, a bomb 413", async () => {
    const body = new Uint8Array(multipart([writePart10({ elements: elements() })]));
    for (const encoding of ["br", "deflate", "gzip, gzip"]) {
      expect((await send(body, encoding)).body.code).toBe("unsupported-media-type");
    }
    expect((await send(body, "gzip")).status).toBe(400);
    const bomb = zipped(Buffer.alloc(96 * 1024 * 1024));
    expect((await send(bomb, "gzip", "application/dicom")).status).toBe(413);
  });
});

test("a base address that is joined carelessly is understood", async () => {
  for (const path of ["/dicom-web/studies/", "//dicom-web//studies"]) {
    const body = new Uint8Array(multipart([writePart10({ elements: elements() })]));
    expect((await post(gateway, path, { body })).status, path).toBe(200);
  }
});
