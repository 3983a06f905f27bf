import { type DataSetElements, writePart10 } from "./dicom-writer.ts";

/** One compressed frame of the test pattern, made by dcmtk, OpenJPEG or OpenJPH. */
export interface CompressedFrame {
  readonly name: string;
  readonly transferSyntax: string;
  readonly bits: number;
  readonly samples: 1 | 3;
  readonly photometric: string;
  readonly lossless: boolean;
  readonly bytes: Buffer;
}

export const PATTERN_ROWS = 24;
export const PATTERN_COLUMNS = 32;

/** What the grey frames hold: waves of `bits` bits with two noisy bits. */
export function greyPattern(bits: number): Uint16Array {
  const greatest = 2 ** bits - 1;
  return Uint16Array.from({ length: PATTERN_ROWS * PATTERN_COLUMNS }, (_, i) => {
    const x = i % PATTERN_COLUMNS;
    const y = Math.floor(i / PATTERN_COLUMNS);
    const wave = Math.round(greatest * (0.5 + 0.45 * Math.sin(x / 5) * Math.cos(y / 4)));
    return wave ^ ((x * 7 + y * 13) & 3);
  });
}

/** What the colour frames hold, red, green and blue of each pixel together. */
export function colourPattern(): Uint8Array {
  const out = new Uint8Array(PATTERN_ROWS * PATTERN_COLUMNS * 3);
  for (let i = 0; i < PATTERN_ROWS * PATTERN_COLUMNS; i += 1) {
    const x = i % PATTERN_COLUMNS;
    const y = Math.floor(i / PATTERN_COLUMNS);
    out.set([x * 7, y * 9, 128 + ((x * y) & 63)], i * 3);
  }
  return out;
}

/** The image module of the test pattern, to be completed with pixel data. */
export function patternElements(
  frame: Pick<CompressedFrame, "bits" | "samples" | "photometric">,
): DataSetElements {
  return {
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
    SOPInstanceUID: "2.25.3",
    StudyInstanceUID: "2.25.1",
    SeriesInstanceUID: "2.25.2",
    Modality: "OT",
    Rows: PATTERN_ROWS,
    Columns: PATTERN_COLUMNS,
    SamplesPerPixel: frame.samples,
    PhotometricInterpretation: frame.photometric,
    BitsAllocated: frame.bits <= 8 ? 8 : 16,
    BitsStored: frame.bits,
    HighBit: frame.bits - 1,
    PixelRepresentation: 0,
    ...(frame.samples === 3 ? { PlanarConfiguration: 0 } : {}),
  };
}

/** A whole file around a compressed frame. */
export function compressedFile(frame: CompressedFrame): Buffer {
  return writePart10({
    transferSyntax: frame.transferSyntax,
    elements: { ...patternElements(frame), PixelData: { fragments: [frame.bytes] } },
  });
}
