import { expect, test } from "vitest";
import { tidyPath } from "../src/http/tidy-path.ts";

test.each([
  ["/dicom-web/studies/", "/dicom-web/studies"],
  ["//dicom-web//studies?x=a//b/", "/dicom-web/studies?x=a//b/"],
  ["/lanes/stat//dicom-web/", "/lanes/stat/dicom-web"],
  ["/api/v1/studies/", "/api/v1/studies"],
  ["/console/", "/console/"],
  ["/", "/"],
])("%s is %s", (given, tidy) => {
  expect(tidyPath(given)).toBe(tidy);
});
