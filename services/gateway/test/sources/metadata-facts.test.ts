import { instanceFacts, readInstance, toDicomJson } from "@axial/dicom";
import { phantomSeries } from "@axial/testkit";
import { expect, test } from "vitest";
import { describedInstance } from "../../src/sources/metadata-facts.ts";

const [file = Buffer.of()] = phantomSeries({ kind: "brain", slices: 1, size: 16 }).files;
const options = { bulkDataUri: (tag: string) => `https://archive.example/${tag}` };

test("planning learns from an archive's metadata what it would from the file", () => {
  const instance = readInstance(file);
  const described = describedInstance(toDicomJson(instance, options));
  const { pixelChecksum: _, ...facts } = instanceFacts(instance);
  expect(described).toEqual({ facts, bytes: 16 * 16 * 2 });
});

test("returns null for metadata that names no instance", () => {
  const { "00080018": _, ...nameless } = toDicomJson(readInstance(file), options);
  expect(describedInstance(nameless)).toBeNull();
});
