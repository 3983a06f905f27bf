import { AxialError, type ModelPackage } from "@axial/contracts";
import { type CanaryRow, chooseVersion, forgetChoice } from "@axial/store/canaries";
import type { DatabaseTransaction } from "@axial/store/database";
import { newestVersion } from "../plan/versions-in-use.ts";

/** All traffic gets the canary; it is held where a newer version is installed. */
export async function promote(
  trx: DatabaseTransaction,
  canary: CanaryRow,
  installed: readonly ModelPackage[],
): Promise<string> {
  const { model_id: model } = canary;
  const version = runningVersion(canary);
  const packages = installed.filter(({ id }) => id === model);
  if (packages.every((known) => known.version !== version)) {
    throw new AxialError("model-not-found", { detail: `version ${version} is not installed` });
  }
  if (newestVersion(packages) === version) await forgetChoice(trx, model);
  else await chooseVersion(trx, { model, stable: version, canary: null });
  return version;
}

/** All traffic gets what the rest had, and is held there though a newer version is installed. */
export async function rollBack(trx: DatabaseTransaction, canary: CanaryRow): Promise<string> {
  runningVersion(canary);
  const { model_id: model, stable_version: stable } = canary;
  await chooseVersion(trx, { model, stable, canary: null });
  return stable;
}

function runningVersion({ canary_version: version }: CanaryRow): string {
  if (version !== null) return version;
  throw new AxialError("conflict", { detail: "no canary of this model runs" });
}
