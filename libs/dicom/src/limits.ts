/**
 * Every limit on untrusted bytes, each with what the real world needs beside it. What passes one
 * is refused with `limit-exceeded`.
 */

/** Nested sequences. Deep SR content trees and RT plans reach about 15. */
export const MAX_SEQUENCE_DEPTH = 48;

/** Elements of a data set, nested ones included. An enhanced MR of 1,000 frames holds 130,000. */
export const MAX_ELEMENTS = 500_000;

/** Bytes that a deflated data set or frame may inflate to. The largest deflated objects seen in
 * use are secondary captures and segmentations of tens of megabytes. */
export const MAX_INFLATED_BYTES = 256 * 1024 * 1024;

/**
 * A deflated data set is inflated whole up to this, beyond it only until its pixel data begins. A
 * deflated secondary capture of 2,048 × 2,048 pixels has 12 MB.
 */
export const MAX_WHOLLY_INFLATED_BYTES = 16 * 1024 * 1024;

/** Bytes that may be inflated until the pixel data begins. RT structure sets reach 50 MB. */
export const MAX_INFLATED_HEADER_BYTES = 64 * 1024 * 1024;

/**
 * Elements and header bytes that are read where others wait, on an event loop: some 5 ms. MR and CT
 * slices have 100 to 400 elements in 3 to 150 KB.
 */
export const MAX_QUICK_ELEMENTS = 2_000;
export const MAX_QUICK_HEADER_BYTES = 256 * 1024;

/** Rows × Columns of one frame. A stitched long-leg radiograph has about 36 megapixels. */
export const MAX_FRAME_PIXELS = 64 * 1024 * 1024;

/** Decoded bytes of one frame: the largest frame as three 8-bit or one 16-bit sample. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** NumberOfFrames. Whole-slide images reach some hundred thousand tiles. */
export const MAX_FRAMES = 1_000_000;

/** Frames whose own functional groups planning reads. Enhanced MR and CT reach some thousands. */
export const MAX_DESCRIBED_FRAMES = 16_384;

/** Fragments of encapsulated pixel data: one or few for each frame. */
export const MAX_FRAGMENTS = 2_000_000;

/** Tiles of a JPEG 2000 frame. Writers use one, large images some dozens; each costs memory. */
export const MAX_TILES = 4_096;

/** Entries of a modality, VOI or palette look-up table: 16 bits of input. */
export const MAX_LUT_ENTRIES = 65_536;

/** Characters of a text that planning reads. LO holds 64; some senders write more. */
export const MAX_FACT_CHARACTERS = 1_024;
