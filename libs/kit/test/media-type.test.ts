import { expect, test } from "vitest";
import { parseMediaType } from "../src/index.ts";

test.each([
  ['multipart/related; type="application/dicom"; boundary="a b;c"', "a b;c"],
  ["multipart/related; type=application/dicom; boundary=abc", "abc"],
  ["Multipart/Related;Boundary=abc;TYPE=application/dicom", "abc"],
  ['multipart/related; boundary="q\\"uote" ; type=application/dicom', 'q"uote'],
  ["multipart/related; boundary = abc ; type=application/dicom; charset=utf-8", "abc"],
])("reads %s", (header, boundary) => {
  const media = parseMediaType(header);
  expect(media.type).toBe("multipart/related");
  expect(media.parameters.get("boundary")).toBe(boundary);
  expect(media.parameters.get("type")).toBe("application/dicom");
});

test("a type without parameters", () => {
  expect(parseMediaType(" Application/DICOM ")).toEqual({
    type: "application/dicom",
    parameters: new Map(),
  });
});
