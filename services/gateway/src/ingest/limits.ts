/** Every limit on a sender's request, each with the real-world ceiling beside it. */

/** One instance. Breast tomosynthesis and enhanced CT reach 2 GB. */
export const MAX_INSTANCE_BYTES = 4 * 1024 * 1024 * 1024;

/** One request. A whole cardiac CT study has 6 GB. */
export const MAX_REQUEST_BYTES = 64 * 1024 * 1024 * 1024;

/** One request. The largest studies in use have about 20,000 instances. */
export const MAX_INSTANCES_PER_REQUEST = 100_000;

/**
 * Instances of one request that share a sync and are submitted for one commit, if the buffer that
 * holds their bytes does not fill before. A part that is larger than that buffer goes through a
 * file: MR and CT slices have 0.2 to 2 MB, a mammogram 30.
 */
export const GROUP_INSTANCES = 32;

/**
 * Bytes that one request has inflated, 128 instances whole, or decompressed to be de-identified,
 * four at their limit. Studies of deflated secondary captures have tens of megabytes, of ultrasound
 * some hundreds.
 */
export const MAX_SLOW_BYTES_PER_REQUEST = 2 * 1024 * 1024 * 1024;

/**
 * An instance that is de-identified, which takes it into memory. A tomosynthesis has 500 MB
 * compressed.
 */
export const MAX_DEIDENTIFIED_BYTES = 512 * 1024 * 1024;

/** Image files posted to the JSON API. A 100-megapixel photograph as JPEG has about 50 MB. */
export const MAX_IMAGE_BYTES = 64 * 1024 * 1024;
