/** Limits on a reader's request, each with the real-world ceiling beside it. */

/** A compressed file whose frames are decoded. Compressed tomosynthesis has about 500 MB. */
export const MAX_DECODED_FILE_BYTES = 1024 * 1024 * 1024;

/**
 * Frames of one request. Longer lists are not written by hand; the whole is available as bulk data.
 */
export const MAX_LISTED_FRAMES = 10_000;

/** Width and height of a rendering. An 8K display has 7,680. */
export const MAX_VIEWPORT = 8_192;
