import {
  decodableTransferSyntaxes,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from "@axial/dicom";
import { describe, expect, it } from "vitest";
import { chooseTransferSyntax, isStorageClass, VERIFICATION } from "../src/negotiation.ts";

const MR = "1.2.840.10008.5.1.4.1.1.4";
const JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70";
const JPEG_2000 = "1.2.840.10008.1.2.4.90";
const MPEG_2 = "1.2.840.10008.1.2.4.100";

describe("the transfer syntax of a presentation context", () => {
  it.each(decodableTransferSyntaxes().map(({ uid, name }) => [name, uid]))(
    "may be %s alone, as everything that is read",
    (_name, uid) => {
      expect(chooseTransferSyntax(MR, [uid])).toBe(uid);
    },
  );

  it.each([
    ["compressed before not, whatever comes first", [IMPLICIT_LITTLE_ENDIAN, JPEG_2000], JPEG_2000],
    [
      "of two compressed ones the sender's first",
      [EXPLICIT_LITTLE_ENDIAN, JPEG_LOSSLESS, JPEG_2000],
      JPEG_LOSSLESS,
    ],
    ["the same in its other order", [EXPLICIT_LITTLE_ENDIAN, JPEG_2000, JPEG_LOSSLESS], JPEG_2000],
    [
      "explicit before implicit",
      [IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN],
      EXPLICIT_LITTLE_ENDIAN,
    ],
    [
      "what cannot be read is passed over",
      [MPEG_2, IMPLICIT_LITTLE_ENDIAN],
      IMPLICIT_LITTLE_ENDIAN,
    ],
    ["null where nothing can be read", [MPEG_2], null],
    ["null where nothing is proposed", [], null],
  ] as const)("is %s", (_what, proposed, chosen) => {
    expect(chooseTransferSyntax(MR, proposed)).toBe(chosen);
  });

  it("is not a compressed one where there are no pixels", () => {
    const proposed = [JPEG_2000, IMPLICIT_LITTLE_ENDIAN];
    expect(chooseTransferSyntax(VERIFICATION, proposed)).toBe(IMPLICIT_LITTLE_ENDIAN);
  });
});

describe("a storage class", () => {
  it.each([MR, "1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.34.7"])("is %s", (uid) => {
    expect(isStorageClass(uid)).toBe(true);
  });
  it.each([VERIFICATION, "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.1.20.1"])(
    "is not %s",
    (uid) => {
      expect(isStorageClass(uid)).toBe(false);
    },
  );
});
