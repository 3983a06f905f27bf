/** How much of a file is read for its header, each with the real-world ceiling beside it. */

/** A file up to this is read at once. MR and CT slices have 0.2 to 2 MB. */
export const WHOLE_FILE_BYTES = 4 * 1024 * 1024;

/** The first look at a header. Those of enhanced multi-frame objects reach megabytes. */
export const HEADER_BYTES = 64 * 1024;

/**
 * An uncompressed file up to this is read whole where attributes lie behind its pixel data:
 * trailing padding and signatures of slices and mammograms.
 */
export const MAX_TRAILED_FILE_BYTES = 64 * 1024 * 1024;
