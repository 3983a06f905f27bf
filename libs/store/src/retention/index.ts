export { type Collected, collectCondemned } from "./collect-blobs.ts";
export { type BlobHold, holdBlobs } from "./hold-blobs.ts";
export { liftHold, placeHold } from "./legal-hold.ts";
export { reprieve, withReprieve } from "./reprieve.ts";
export { sweepAudit, sweepDeliveries, sweepIdempotencyKeys } from "./sweep-records.ts";
export { sweepSuperseded } from "./sweep-runs.ts";
export { sweepImages, sweepImagesBySize, sweepStudies } from "./sweep-studies.ts";
export { makeSweepsDue, takeTurn } from "./sweep-turns.ts";
export { condemnUnreferenced, forgetCollected } from "./tombstones.ts";
