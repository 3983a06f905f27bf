import { type AxialError, asAxialError } from "@axial/contracts";
import { isTransientDatabaseError } from "@axial/store/database";

/** A full disk (ENOSPC) and a database that is down are transient; the sender should retry. */
export function storeError(thrown: unknown): AxialError {
  return asAxialError(thrown, isTransientDatabaseError(thrown) ? "unavailable" : "internal");
}
