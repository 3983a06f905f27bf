import type { Canary, CanaryArm, CanaryFigures, ModelPackage } from "@axial/contracts";
import { type CanaryRow, readArmFigures } from "@axial/store/canaries";
import type { Database } from "@axial/store/database";

/** A choice of versions with what each arm answered since it began. */
export async function canaryView(
  db: Database,
  row: CanaryRow,
  installed: readonly ModelPackage[],
): Promise<Canary> {
  const { model_id: model, since, percent, canary_version: fresh } = row;
  const figures = async (arm: CanaryArm, version: string): Promise<CanaryFigures> => ({
    version,
    installed: installed.some((known) => known.id === model && known.version === version),
    ...(await readArmFigures(db, { model, arm, since })),
  });
  return {
    model,
    percent,
    since: since.toISOString(),
    stable: await figures("stable", row.stable_version),
    canary: fresh === null ? null : await figures("canary", fresh),
  };
}
