import { type DicomInstance, readInstance } from "../src/index.ts";
import { differences } from "../test/oracles/compare.ts";
import { readWithDicomParser } from "../test/oracles/dicom-parser.ts";
import { locateElements } from "../test/oracles/located-elements.ts";

/**
 * Where we read `bytes` otherwise than dicom-parser, for bytes that both read to their end and
 * that dicom-parser reads as a well-formed data set; null where both agree or that does not hold.
 */
export function contradiction(bytes: Buffer): string | null {
  const ours = orNull(() => readInstance(bytes));
  if (ours === null || ours.truncated || hasFileMeta(ours)) return null;
  const theirs = orNull(() => readWithDicomParser(bytes));
  if (theirs === null || !theirs.wellFormed) return null;
  const [first] = differences(locateElements(ours), theirs.elements);
  return first ?? null;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Elements of file meta information in the data set, which dicom-parser cannot tell apart. */
function hasFileMeta({ dataset }: DicomInstance): boolean {
  return [...dataset.elements.keys()].some((tag) => tag >>> 16 <= 2);
}
