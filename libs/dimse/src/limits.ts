/** Associations at a time; a large hospital's archive router opens some 20. */
export const MAX_ASSOCIATIONS = 128;
/**
 * Associations of one tenant: half of all, so that others always find room. Times `MAX_BUFFERED_BYTES`
 * they bound what a tenant has in flight.
 */
export const MAX_ASSOCIATIONS_PER_TENANT = MAX_ASSOCIATIONS / 2;
/** Longest P-DATA-TF that is announced and taken (PS3.8 D.1); dcmtk's largest is 128 KiB. */
export const MAX_PDU_BYTES = 256 * 1024;
/** Longest A-ASSOCIATE-RQ: 128 presentation contexts with 40 transfer syntaxes of 64 bytes each. */
export const MAX_ASSOCIATE_BYTES = 512 * 1024;
/** Presentation contexts of an association: their ids are the odd numbers of a byte (PS3.8 9.3.2.2). */
export const MAX_PRESENTATION_CONTEXTS = 128;
/** Bytes of a data set that wait in memory while the store takes what came before. */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
/** A peer that sends nothing for so long while it holds an association is disconnected. */
export const IDLE_TIMEOUT_MS = 60_000;
/** Bytes of a message that have to come, or be taken, in that time: 4 KB/s, slower than any modem. */
export const MIN_BYTES_PER_IDLE_TIMEOUT = 256 * 1024;
/** The store may keep a peer waiting for so long; its own retries end far earlier. */
export const BEHIND_TIMEOUT_MS = 10 * 60_000;
/** A connection without A-ASSOCIATE-RQ, or that stays after its end, is closed after this (ARTIM timer, PS3.8 9.1.5). */
export const ARTIM_TIMEOUT_MS = 15_000;
/** Command sets hold a few UIDs and numbers; the largest allowed by PS3.7 E.1 are under 2 KB. */
export const MAX_COMMAND_BYTES = 64 * 1024;
/** Identifiers, queries and storage commitment requests of some ten thousand instances. */
export const MAX_IDENTIFIER_BYTES = 8 * 1024 * 1024;
