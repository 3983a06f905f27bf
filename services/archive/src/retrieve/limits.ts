/** Limits on a reader's request, each with the real-world ceiling beside it. */

/** A file up to this is read at once. MR and CT slices have 0.2 to 2 MB. */
export const WHOLE_FILE_BYTES = 4 * 1024 * 1024;

/** The first look at a header. Those of enhanced multi-frame objects reach megabytes. */
export const HEADER_BYTES = 64 * 1024;

/**
 * An uncompressed file up to this is read whole where attributes lie behind its pixel data:
 * trailing padding and signatures of slices and mammograms.
 */
export const MAX_TRAILED_FILE_BYTES = 64 * 1024 * 1024;

/** A compressed file whose frames are decoded. Compressed tomosynthesis has about 500 MB. */
export const MAX_DECODED_FILE_BYTES = 1024 * 1024 * 1024;

/**
 * Frames of one request. Longer lists are not written by hand; the whole is available as bulk data.
 */
export const MAX_LISTED_FRAMES = 10_000;

/** Width and height of a rendering. An 8K display has 7,680. */
export const MAX_VIEWPORT = 8_192;
