import type { BlobKey, InstanceFacts, SliceRef } from "@axial/contracts";
import { sliceOrder } from "@axial/dicom";

/** An instance whose pixels a model may see. */
export interface SliceSource {
  readonly blob: BlobKey;
  readonly kind: "dicom" | "image";
  readonly facts: InstanceFacts;
}

/** Every frame of a series' images in slice order. */
export function seriesSlices(instances: readonly SliceSource[]): SliceRef[] {
  const images = instances.filter(({ facts }) => facts.hasPixelData && facts.frames > 0);
  const { order } = sliceOrder(images.map(({ facts }) => facts));
  return order.flatMap((index) => {
    const source = images[index];
    return source === undefined ? [] : framesOf(source);
  });
}

/** Frames by their position along the normal where every one has one, else as they are stored. */
function framesOf({ blob, kind, facts }: SliceSource): SliceRef[] {
  const positions = facts.framePositions;
  const frames = Array.from({ length: facts.frames }, (_, frame) => frame);
  if (positions !== undefined && positions.length === facts.frames) {
    frames.sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0) || a - b);
  }
  return frames.map((frame) => ({ blob, frame, kind, sopInstanceUid: facts.sopInstanceUid }));
}
