import { type InstanceFacts, UNSTATED_FACTS } from "@axial/contracts";
import { planeOf, type Slice, slicesOf } from "../../src/index.ts";

export const axial = { orientation: [1, 0, 0, 0, 1, 0] };

let made = 0;

export function facts(more: Partial<InstanceFacts>): InstanceFacts {
  made += 1;
  const orientation = more.orientation ?? null;
  return {
    ...UNSTATED_FACTS,
    studyUid: "2.25.1",
    seriesUid: "2.25.2",
    sopInstanceUid: `2.25.1${String(made).padStart(4, "0")}`,
    sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
    transferSyntax: "1.2.840.10008.1.2.1",
    rows: 8,
    columns: 8,
    ...more,
    plane: orientation && planeOf(orientation),
  };
}

/** An axial slice of pixels of its own at height `z`, unless `more` says otherwise. */
export function slice(
  z: number,
  instanceNumber: number | null,
  more: Partial<InstanceFacts> = {},
): Slice {
  const said = { ...axial, position: [0, 0, z], pixelChecksum: 1_000_000 + made };
  const [only] = slicesOf(facts({ ...said, ...more, instanceNumber, ...positioned(z, more) }));
  if (only === undefined) throw new Error("one frame");
  return only;
}

/** The place counts also where the other facts are another slice's. */
function positioned(z: number, more: Partial<InstanceFacts>) {
  return more.position === null ? {} : { position: [0, 0, z] };
}
