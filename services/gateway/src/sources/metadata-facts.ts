import type { InstanceFacts } from "@axial/contracts";
import {
  type Attributes,
  type DicomJson,
  type DicomJsonAttribute,
  dictionaryEntry,
  instanceFacts,
  readQuickly,
  writeObject,
} from "@axial/dicom";

/** Items inside items that are read: the deepest that planning looks at is three levels down. */
const MAX_DEPTH = 4;

/** An instance that is not here, by its metadata. */
export interface DescribedInstance {
  readonly facts: InstanceFacts;
  /** Of its pixels, uncompressed. */
  readonly bytes: number;
}

/**
 * What planning needs to know of an instance by the metadata that an archive returns (PS3.18
 * 10.4.1.1.2). Null where that names no instance, or more than is read at once.
 */
export function describedInstance(metadata: DicomJson): DescribedInstance | null {
  const { SOPClassUID, SOPInstanceUID, ...rest } = attributesOf(metadata, 0);
  if (typeof SOPClassUID !== "string" || typeof SOPInstanceUID !== "string") return null;
  const hasPixels = rest.Rows !== undefined;
  try {
    const file = writeObject({
      implementationClassUid: "2.25.0",
      implementationVersion: "METADATA",
      attributes: {
        ...rest,
        ...{ SOPClassUID, SOPInstanceUID, SpecificCharacterSet: "ISO_IR 192" },
        ...(hasPixels ? { PixelData: new Uint8Array(2) } : {}),
      },
    });
    const instance = readQuickly(file);
    if (instance === null) return null;
    // The checksum would be that of the two bytes.
    const { pixelChecksum: _, ...facts } = instanceFacts(instance);
    return { facts, bytes: pixelBytes(facts, Number(rest.SamplesPerPixel ?? 1)) };
  } catch {
    return null;
  }
}

function pixelBytes(facts: InstanceFacts, samples: number): number {
  const { rows, columns, bitsAllocated, frames } = facts;
  return ((rows ?? 0) * (columns ?? 0) * (bitsAllocated ?? 0) * samples * frames) / 8;
}

type Written = { [keyword: string]: Attributes[string] };

function attributesOf(json: DicomJson, depth: number): Written {
  const attributes: Written = {};
  for (const [tag, attribute] of Object.entries(json)) {
    const entry = /^[0-9A-F]{8}$/i.test(tag) ? dictionaryEntry(Number.parseInt(tag, 16)) : null;
    const value = entry === null ? undefined : plainValue(attribute, depth);
    if (entry !== null && value !== undefined) attributes[entry.keyword] = value;
  }
  return attributes;
}

/** Undefined for what is binary or empty. */
function plainValue(
  { vr, Value: values }: DicomJsonAttribute,
  depth: number,
): Written[string] | undefined {
  if (values === undefined || values.length === 0) return undefined;
  if (vr === "SQ") {
    if (depth >= MAX_DEPTH) return undefined;
    return values.flatMap((item) =>
      typeof item === "object" && item !== null ? [attributesOf(item as DicomJson, depth + 1)] : [],
    );
  }
  const plain = values.filter((value) => typeof value === "string" || typeof value === "number");
  return plain.length === 1 ? plain[0] : plain.length === 0 ? undefined : plain;
}
