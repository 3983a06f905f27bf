import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  COMPRESSED_FRAMES,
  compressedFile,
  type DataSetElements,
  greyPattern,
  PATTERN_COLUMNS,
  PATTERN_ROWS,
  patternElements,
  referenceFolder,
  writePart10,
} from "../fixtures/index.ts";

interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Larger files cost time without reaching other code. */
const MAX_SHARED_BYTES = 48 * 1024;

const UNCOMPRESSED = [
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2.2",
  "1.2.840.10008.1.2.1.99",
];

/** Files to be damaged: generated ones, and the small ones of ../shared where they are. */
export function corpus({ shared }: { shared: boolean }): Seed[] {
  return [...generated(), ...(shared ? sharedSeeds() : [])];
}

function generated(): Seed[] {
  const compressed = COMPRESSED_FRAMES.map((frame) => ({
    name: frame.name,
    bytes: compressedFile(frame),
  }));
  const plain = UNCOMPRESSED.flatMap((transferSyntax) =>
    [false, true].map((openSequences) => ({
      name: `${transferSyntax}${openSequences ? " open" : ""}`,
      bytes: writePart10({ transferSyntax, openSequences, elements: richElements() }),
    })),
  );
  return [...compressed, ...plain, multiFrame(), palette(), unknownSequence()];
}

/** Sequences, texts in several character sets, tables: what the header code has branches for. */
function richElements(): DataSetElements {
  const frame = { bits: 12, samples: 1, photometric: "MONOCHROME1" } as const;
  return {
    ...patternElements(frame),
    SpecificCharacterSet: ["ISO 2022 IR 6", "ISO 2022 IR 87", "ISO 2022 IR 149"],
    PatientName: "Yamada^Tarou=\u001b$B;3ED\u001b(B^\u001b$BB@O:\u001b(B",
    SeriesDescription: "\u001b$)C\u00c0\u00c1 phantom",
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    ImagePositionPatient: [0, 0, 12.5],
    PixelSpacing: [0.5, 0.5],
    PixelPaddingValue: 0,
    WindowCenter: [2048, 1000],
    WindowWidth: [4096, 500],
    AnatomicRegionSequence: [{ CodeMeaning: "Brain", CodeValue: "12738006" }],
    ModalityLUTSequence: [
      { LUTDescriptor: [16, 0, 16], ModalityLUTType: "US", LUTData: new Uint16Array(16) },
    ],
    VOILUTSequence: [{ LUTDescriptor: [16, 0, 12], LUTData: new Uint16Array(16) }],
    "00091010": { vr: "UN", value: Uint8Array.of(1, 2, 3, 4) },
    PixelData: greyPattern(12),
  };
}

function multiFrame(): Seed {
  const { bytes, ...frame } = COMPRESSED_FRAMES.find(({ name }) => name === "rle") ?? {
    ...{ bytes: Buffer.alloc(0), bits: 12, samples: 1 as const, photometric: "MONOCHROME2" },
    transferSyntax: UNCOMPRESSED[1] ?? "",
  };
  const position = (z: number) => ({
    PlanePositionSequence: [{ ImagePositionPatient: [0, 0, z] }],
  });
  const elements = {
    ...patternElements(frame),
    NumberOfFrames: 2,
    SharedFunctionalGroupsSequence: [
      { PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }] },
    ],
    PerFrameFunctionalGroupsSequence: [position(0), position(5)],
    PixelData: { fragments: [bytes, bytes], offsets: [0, bytes.length + 8] },
  };
  const { transferSyntax } = frame;
  return { name: "multi-frame", bytes: writePart10({ transferSyntax, elements }) };
}

function palette(): Seed {
  const table = Uint16Array.from({ length: 256 }, (_, i) => i * 257);
  const elements = {
    ...patternElements({ bits: 8, samples: 1, photometric: "PALETTE COLOR" }),
    RedPaletteColorLookupTableDescriptor: [256, 0, 16],
    GreenPaletteColorLookupTableDescriptor: [256, 0, 16],
    BluePaletteColorLookupTableDescriptor: [256, 0, 16],
    RedPaletteColorLookupTableData: table,
    GreenPaletteColorLookupTableData: table,
    SegmentedBluePaletteColorLookupTableData: Uint16Array.of(0, 1, 0, 1, 255, 0xffff),
    PixelData: Uint8Array.from({ length: PATTERN_ROWS * PATTERN_COLUMNS }, (_, i) => i),
  };
  return { name: "palette", bytes: writePart10({ elements }) };
}

/** A sequence that passed a writer without a dictionary: UN, its items in implicit VR (PS3.5 6.2.2). */
function unknownSequence(): Seed {
  const uid = Buffer.from("1.2.3.4.5\0");
  const element = Buffer.concat([Buffer.from("080055110a000000", "hex"), uid]);
  const item = Buffer.concat([Buffer.from("feff00e012000000", "hex"), element]);
  const elements = {
    ...patternElements({ bits: 12, samples: 1, photometric: "MONOCHROME2" }),
    "00081140": { vr: "UN", value: Buffer.concat([item, item]) },
    PixelData: greyPattern(12),
  };
  return { name: "sequence as UN", bytes: writePart10({ elements }) };
}

function sharedSeeds(): Seed[] {
  const root = referenceFolder();
  if (root === null) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(root, name)).isFile() && !name.endsWith(".json"))
    .filter((name) => statSync(join(root, name)).size <= MAX_SHARED_BYTES)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(root, name)) }));
}
