import type { DataSet, DicomInstance } from "../../src/index.ts";

/** Where an element lies, by its path: `00081140[0].00081150`. */
export type LocatedElements = ReadonlyMap<string, LocatedElement>;

export interface LocatedElement {
  readonly vr: string;
  /** In the file, or in the inflated data set. */
  readonly offset: number;
  readonly length: number;
  /** Offset and length of each fragment of encapsulated pixel data, without the offset table. */
  readonly fragments: readonly (readonly [number, number])[];
}

/** All elements of `instance`, those of its file meta information included. */
export function locateElements({ meta, dataset }: DicomInstance): LocatedElements {
  return new Map([...locate(meta, ""), ...locate(dataset, "")]);
}

function* locate(dataset: DataSet, prefix: string): Generator<[string, LocatedElement]> {
  for (const { tag, vr, offset, length, items, fragments } of dataset.elements.values()) {
    const path = prefix + tag.toString(16).padStart(8, "0");
    const found = fragments?.slice(1).map((one) => [one.offset, one.length] as const) ?? [];
    yield [path, { vr, offset, length, fragments: found }];
    for (const [index, item] of items?.entries() ?? []) yield* locate(item, `${path}[${index}].`);
  }
}
