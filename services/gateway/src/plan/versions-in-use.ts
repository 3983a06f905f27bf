import { hash } from "node:crypto";
import type { Lane, ModelPackage, TaskArm } from "@axial/contracts";
import type { CanaryRow } from "@axial/store/canaries";

/** A package that a study may be given, and why in this version. */
export interface OfferedModel {
  readonly model: ModelPackage;
  /** Null where no canary of the model runs, and where a request named this version alone. */
  readonly arm: TaskArm | null;
}

/** What a request may choose from. */
export interface Offer {
  /** Every version. */
  readonly installed: readonly ModelPackage[];
  /** Of each id, the version that new work gets. */
  readonly inUse: readonly OfferedModel[];
}

/** The study that versions are chosen for; a backfill's never gets a canary. */
export interface ChoosingStudy {
  readonly uid: string;
  readonly lane: Lane;
}

/**
 * The version of each model that a study gets: the newest, unless one is held, or a canary has a
 * share of the live traffic. The same study always gets the same version of the same canary, and
 * keeps it when the share grows.
 */
export function versionsInUse(
  installed: readonly ModelPackage[],
  canaries: readonly CanaryRow[],
  study: ChoosingStudy,
): Offer {
  const versions = Map.groupBy(installed, ({ id }) => id);
  const chosen = new Map(canaries.map((canary) => [canary.model_id, canary]));
  const inUse = [...versions].flatMap(([id, packages]) => {
    const canary = chosen.get(id);
    const offered = canary === undefined ? null : chosenBy(canary, packages, study);
    return offered ?? { model: newestOf(packages), arm: null };
  });
  return { installed, inUse };
}

/** Null where the version that is to be used is not installed (any more). */
function chosenBy(
  canary: CanaryRow,
  packages: readonly ModelPackage[],
  study: ChoosingStudy,
): OfferedModel | null {
  const { canary_version: fresh, stable_version: stable, percent } = canary;
  const find = (version: string) => packages.find((known) => known.version === version);
  const model = find(stable);
  if (fresh === null || percent === null) return model === undefined ? null : { model, arm: null };
  const tried = find(fresh);
  if (tried !== undefined && isInShare(canary, study)) return { model: tried, arm: "canary" };
  return model === undefined ? null : { model, arm: "stable" };
}

function isInShare(canary: CanaryRow, { uid, lane }: ChoosingStudy): boolean {
  if (lane === "backfill") return false;
  const words = `${canary.model_id}\n${canary.canary_version}\n${uid}`;
  const place = Number.parseInt(hash("sha256", words).slice(0, 8), 16) / 2 ** 32;
  return place * 100 < (canary.percent ?? 0);
}

/** As a backfill's studies get them, all of them alike. */
export function versionsOfBackfill(
  installed: readonly ModelPackage[],
  canaries: readonly CanaryRow[],
): Offer {
  return versionsInUse(installed, canaries, { uid: "", lane: "backfill" });
}

function newestOf(packages: readonly ModelPackage[]): ModelPackage {
  const [newest] = packages.toSorted((a, b) =>
    b.version.localeCompare(a.version, "en", { numeric: true }),
  );
  if (newest === undefined) throw new RangeError("a group of packages has one");
  return newest;
}

/** The newest version of these packages of one model. */
export function newestVersion(packages: readonly ModelPackage[]): string {
  return newestOf(packages).version;
}
