import { createHash } from "node:crypto";
import { instanceFacts, readInstance } from "@axial/dicom";
import { type PhantomKind, phantomSeries } from "@axial/testkit";
import { dataSetOf } from "../data-set-of.ts";
import type { SentSeries } from "./ledger.ts";

/** What series show: few contents, so that each is classified often and must always agree. */
const CONTENTS = [
  { kind: "brain", seed: 1, expected: "prediction" },
  { kind: "brain", seed: 2, expected: "prediction" },
  { kind: "brain-with-mass", seed: 3, expected: "prediction" },
  { kind: "brain-with-mass", seed: 4, expected: "prediction" },
  // The only model installed wants heads.
  { kind: "knee", seed: 5, expected: "refusal" },
] as const satisfies readonly {
  kind: PhantomKind;
  seed: number;
  expected: SentSeries["expected"];
}[];

const SLICES = 4;
const SIZE = 64;

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

interface NewSeries {
  readonly sent: SentSeries;
  readonly files: readonly Buffer[];
}

/** A series of its own UIDs with one of the contents, drawn by `random`. */
export function newSeries(random: () => number, studyUid: string): NewSeries {
  const content = CONTENTS[Math.floor(random() * CONTENTS.length)] ?? CONTENTS[0];
  const { kind, seed, expected } = content;
  const { files, seriesUid } = phantomSeries({ kind, seed, studyUid, slices: SLICES, size: SIZE });
  const instances = files.map((file) => ({
    uid: instanceFacts(readInstance(file)).sopInstanceUid,
    sha256: sha256(file),
    dataSetSha256: sha256(dataSetOf(file)),
  }));
  return { sent: { uid: seriesUid, content: `${kind}-${seed}`, expected, instances }, files };
}
