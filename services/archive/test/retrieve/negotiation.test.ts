import { describe, expect, test } from "vitest";
import {
  chooseDicom,
  chooseFrames,
  chooseImage,
  chooseOctets,
} from "../../src/retrieve/negotiation.ts";

const EXPLICIT = "1.2.840.10008.1.2.1";
const IMPLICIT = "1.2.840.10008.1.2";
const JPEG = "1.2.840.10008.1.2.4.50";
const J2K = "1.2.840.10008.1.2.4.90";
const RLE = "1.2.840.10008.1.2.5";
const MPEG = "1.2.840.10008.1.2.4.102";
const parts = (rest = "") => `multipart/related; type="application/dicom"${rest}`;
const syntax = (uid: string) => `; transfer-syntax=${uid}`;

describe("DICOM files", () => {
  test.each([
    // accept, stored, single; form, transfer syntax, multipart
    [undefined, EXPLICIT, false, "stored", EXPLICIT, true],
    ["*/*", J2K, true, "explicit", EXPLICIT, true],
    [parts(), J2K, false, "explicit", EXPLICIT, true],
    ["multipart/related; type=application/dicom", J2K, false, "explicit", EXPLICIT, true],
    ["multipart/related", J2K, false, "explicit", EXPLICIT, true],
    [parts(syntax("*")), J2K, false, "stored", J2K, true],
    [parts(syntax(J2K)), J2K, false, "stored", J2K, true],
    [parts(syntax(EXPLICIT)), JPEG, false, "explicit", EXPLICIT, true],
    [parts(), JPEG, false, "stored", JPEG, true],
    [parts(), MPEG, false, "stored", MPEG, true],
    [parts(), IMPLICIT, false, "explicit", EXPLICIT, true],
    [parts(syntax("*")), IMPLICIT, false, "explicit", EXPLICIT, true],
    ["application/dicom", J2K, true, "explicit", EXPLICIT, false],
    [`application/dicom; transfer-syntax="*"`, J2K, true, "stored", J2K, false],
    [`${parts(syntax(RLE))}, ${parts(syntax(J2K))}; q=0.5`, J2K, false, "stored", J2K, true],
    [`application/dicom+json, ${parts()}; q=0.1`, EXPLICIT, false, "stored", EXPLICIT, true],
  ])("%s of %s", (accept, stored, single, form, transferSyntax, multipart) => {
    const chosen = chooseDicom(accept, { stored, single });
    expect(chosen).toMatchObject({ form, transferSyntax, multipart, type: "application/dicom" });
  });

  test.each([
    ["application/dicom", EXPLICIT, false],
    ["application/dicom+json", EXPLICIT, true],
    [parts(syntax(JPEG)), EXPLICIT, false],
    [parts(syntax(IMPLICIT)), IMPLICIT, false],
    [parts(syntax(EXPLICIT)), MPEG, false],
    [`${parts()}; q=0`, EXPLICIT, false],
    ['multipart/related; type="application/dicom+xml"', EXPLICIT, false],
    ["image/png", EXPLICIT, true],
  ])("%s of %s cannot be made", (accept, stored, single) => {
    expect(chooseDicom(accept, { stored, single })).toBeNull();
  });
});

describe("frames", () => {
  const octets = 'multipart/related; type="application/octet-stream"';
  test.each([
    ["*/*", J2K, "application/octet-stream", "explicit"],
    [octets, J2K, "application/octet-stream", "explicit"],
    [`${octets}; transfer-syntax=*`, J2K, "application/octet-stream", "stored"],
    [`${octets}; transfer-syntax=*`, IMPLICIT, "application/octet-stream", "explicit"],
    ['multipart/related; type="image/jp2"', J2K, "image/jp2", "stored"],
    [`multipart/related; type="image/jp2"; transfer-syntax=${J2K}`, J2K, "image/jp2", "stored"],
    [
      'multipart/related; type="image/jpeg", */*; q=0.1',
      J2K,
      "application/octet-stream",
      "explicit",
    ],
    ["multipart/related; type=image/dicom-rle", RLE, "image/dicom-rle", "stored"],
    ["multipart/related; type=image/x-dicom-rle", RLE, "image/x-dicom-rle", "stored"],
  ])("%s of %s", (accept, stored, type, form) => {
    expect(chooseFrames(accept, { stored, single: false })).toMatchObject({ type, form });
  });

  test("a single part holds a single frame", () => {
    const accept = "application/octet-stream";
    expect(chooseFrames(accept, { stored: J2K, single: true })?.multipart).toBe(false);
    expect(chooseFrames(accept, { stored: J2K, single: false })).toBeNull();
  });

  test.each([
    ['multipart/related; type="image/jpeg"', J2K],
    [`multipart/related; type="image/jp2"; transfer-syntax=${JPEG}`, J2K],
    [`${octets}; transfer-syntax=${RLE}`, J2K],
    [octets, MPEG],
  ])("%s of %s cannot be made", (accept, stored) => {
    expect(chooseFrames(accept, { stored, single: true })).toBeNull();
  });
});

test("bulk data and images", () => {
  expect(chooseOctets("*/*")).toEqual({ multipart: false });
  expect(chooseOctets('multipart/related; type="application/octet-stream"')).toEqual({
    multipart: true,
  });
  expect(chooseOctets("image/jpeg")).toBeNull();
  const types = ["image/jpeg", "image/png"] as const;
  const one = { types, single: true };
  expect(chooseImage("*/*", one)).toEqual({ type: "image/jpeg", multipart: false });
  expect(chooseImage("image/png, image/jpeg; q=0.5", one)?.type).toBe("image/png");
  expect(chooseImage("image/gif", one)).toBeNull();
  expect(chooseImage("*/*", { types, single: false })?.multipart).toBe(true);
  expect(chooseImage("image/png", { types, single: false })).toBeNull();
});
