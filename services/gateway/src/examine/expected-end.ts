import { type DicomInstance, Tag } from "@axial/dicom";

/**
 * Where uncompressed pixel data must end, from what its header claims; 0 when nothing can be said
 * (compressed, deflated, or no pixel data). Frames are counted in floating point: a claim of
 * 65,535 × 65,535 × 2³¹ is compared, never allocated.
 */
export function expectedEnd(instance: DicomInstance): number {
  const { dataset, syntax } = instance;
  const pixels = dataset.elements.get(Tag.PixelData);
  if (pixels === undefined || pixels.fragments !== null || syntax.deflated) return 0;
  const rows = dataset.int(Tag.Rows) ?? 0;
  const columns = dataset.int(Tag.Columns) ?? 0;
  const samples = dataset.int(Tag.SamplesPerPixel) ?? 1;
  const bits = dataset.int(Tag.BitsAllocated) ?? 0;
  const frames = Math.max(dataset.int(Tag.NumberOfFrames) ?? 1, 1);
  const perPixel = dataset.string(Tag.PhotometricInterpretation) === "YBR_FULL_422" ? 2 : samples;
  return pixels.offset + Math.floor((rows * columns * perPixel * bits * frames) / 8);
}
