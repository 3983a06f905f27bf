/**
 * SQLSTATE classes of transient faults: connection (08), rollback for deadlock or serialization
 * (40), resources (53), operator intervention such as a restart or a timeout (57), system (58).
 */
const PASSING_CLASSES = new Set(["08", "40", "53", "57", "58"]);
const SQLSTATE = /^[0-9A-Z]{5}$/;
const NETWORK_CODE = /^E[A-Z_]+$/;
/** node-postgres throws these without a code. */
const CONNECTION_WORDS = /connection (terminated|error)|timeout|server closed|Cannot use a pool/i;

/** True when the same statement may succeed later: the database was away, not the data wrong. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (SQLSTATE.test(code) && !NETWORK_CODE.test(code)) return PASSING_CLASSES.has(code.slice(0, 2));
  return NETWORK_CODE.test(code) || CONNECTION_WORDS.test(error.message);
}
