import { type DataSet, holderOf, Tag } from "@axial/dicom";

/** Where a slice lies in the patient, as its image says it. */
export interface SliceGeometry {
  readonly frameOfReferenceUid: string;
  /** Millimetres, of the centre of the upper left pixel. */
  readonly position: readonly number[];
  /** Directions of rows and columns. */
  readonly orientation: readonly number[];
  /** Millimetres between rows, and between columns. */
  readonly spacing: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
}

/** Null where the image names no complete place: a radiograph has none. */
export function sliceGeometry(dataset: DataSet, frame: number): SliceGeometry | null {
  const read = (sequence: number, tag: number) =>
    holderOf(dataset, frame, [sequence, tag]).numbers(tag);
  const frameOfReferenceUid = dataset.string(Tag.FrameOfReferenceUid);
  const position = read(Tag.PlanePositionSequence, Tag.ImagePosition);
  const orientation = read(Tag.PlaneOrientationSequence, Tag.ImageOrientation);
  const [between, across] = read(Tag.PixelMeasuresSequence, Tag.PixelSpacing);
  const rows = dataset.int(Tag.Rows);
  const columns = dataset.int(Tag.Columns);
  if (frameOfReferenceUid === null || position.length !== 3 || orientation.length !== 6)
    return null;
  if (!between || !across || !rows || !columns) return null;
  return { frameOfReferenceUid, position, orientation, spacing: [between, across], rows, columns };
}

/** A decimal string: 16 characters at most (PS3.5 6.2). */
export function decimal(value: number): string {
  const plain = String(value);
  return plain.length <= 16 ? plain : value.toPrecision(9);
}
