import { decodesToRgb } from "../codecs/decodes-to-rgb.ts";
import { encapsulatedFrame } from "../encapsulated-frames.ts";
import type { DicomInstance } from "../instance.ts";
import { frameCount } from "../instance-facts.ts";
import { Tag } from "../tags.ts";
import { isEncapsulated } from "./uncompressed-frame.ts";

/** What decompression changes of the description of colour pixels (PS3.3 C.7.6.3). */
export interface UncompressedDescription {
  readonly photometric: string;
  /** Decoders put the samples of each pixel together. */
  readonly planarConfiguration: 0;
}

/** Photometric interpretations that only compressed pixels have: their decoders undo them. */
const OF_CODESTREAMS = ["YBR_ICT", "YBR_RCT", "YBR_FULL_422"];

/**
 * How the frames of an instance are described once `uncompressedFrame` has decoded them, told from
 * its header and the beginning of its first codestream. Null where nothing changes: pixels that are
 * not compressed, or of one sample.
 */
export function uncompressedDescription(instance: DicomInstance): UncompressedDescription | null {
  const { dataset, syntax } = instance;
  if (!isEncapsulated(instance) || dataset.int(Tag.SamplesPerPixel) !== 3) return null;
  if (syntax.codec === null) return null;
  const stated = dataset.string(Tag.PhotometricInterpretation)?.toUpperCase() ?? "RGB";
  const rgb = decodesToRgb(syntax.codec, beginning(instance)) ?? OF_CODESTREAMS.includes(stated);
  return { photometric: rgb ? "RGB" : stated, planarConfiguration: 0 };
}

function beginning({ dataset }: DicomInstance): Buffer {
  const fragments = dataset.elements.get(Tag.PixelData)?.fragments ?? [];
  return fragments.length > 1
    ? encapsulatedFrame(dataset, 0, frameCount(dataset))
    : Buffer.alloc(0);
}
