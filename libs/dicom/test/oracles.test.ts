import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { referenceFolder } from "../fixtures/index.ts";
import { corpus } from "../fuzz/corpus.ts";
import { type DicomInstance, readInstance } from "../src/index.ts";
import { differences } from "./oracles/compare.ts";
import { readWithDicomParser } from "./oracles/dicom-parser.ts";
import { dcmjsValues, ourValues } from "./oracles/json-values.ts";
import { DCMJS, DICOM_PARSER } from "./oracles/known-differences.ts";
import { locateElements } from "./oracles/located-elements.ts";

interface File {
  readonly name: string;
  readonly load: () => Buffer;
}

/** Another reader, and what of ours it is compared with. */
interface Oracle {
  readonly what: string;
  readonly known: ReadonlyMap<string, string>;
  readonly ours: (instance: DicomInstance) => ReadonlyMap<string, unknown>;
  readonly theirs: (bytes: Buffer) => ReadonlyMap<string, unknown>;
}

const ORACLES: readonly Oracle[] = [
  {
    what: "dicom-parser: where elements and fragments lie",
    known: DICOM_PARSER,
    ours: locateElements,
    theirs: (bytes) => readWithDicomParser(bytes).elements,
  },
  { what: "dcmjs: VRs and values", known: DCMJS, ours: ourValues, theirs: dcmjsValues },
];

const folder = referenceFolder();
const generated = corpus({ shared: false }).map(({ name, bytes }) => ({ name, load: () => bytes }));

/** All but a series of 192 slices that differ in their pixels only. */
function referenceFiles(root: string): File[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.includes("brain-mr-t1w") && !path.endsWith(".json"))
    .map((path) => ({ name: path.slice(root.length), load: () => readFileSync(path) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Null where both refuse the bytes or read the same. */
function difference({ load }: File, oracle: Oracle): string | null {
  const bytes = load();
  const ours = orNull(() => oracle.ours(readInstance(bytes)));
  const theirs = orNull(() => oracle.theirs(bytes));
  if (ours === null) return theirs === null ? null : "only we refuse it";
  if (theirs === null) return "only we read it";
  return differences(ours, theirs)[0] ?? null;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Differences that the table does not explain, and what it explains without need. */
function unexplained(files: readonly File[], oracle: Oracle): string[] {
  return files.flatMap((file) => {
    const found = difference(file, oracle);
    if ((found !== null) === oracle.known.has(file.name)) return [];
    return [`${file.name}: ${found ?? "is read alike"}`];
  });
}

describe.each(ORACLES)("$what", (oracle) => {
  test("generated files", () => {
    expect(unexplained(generated, oracle)).toEqual([]);
  });

  const lacks = ["the shared data folder beside the clone"];
  test("the reference files", { skip: folder === null, meta: { lacks } }, () => {
    expect(unexplained(referenceFiles(folder ?? ""), oracle)).toEqual([]);
  });
});
