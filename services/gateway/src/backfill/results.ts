import type { BackfillResult, ModelPackage } from "@axial/contracts";
import type { ModelCatalogue } from "@axial/inference/packages";
import type { BackfillResultRow } from "@axial/store/backfill";

/** Rows as callers see them, with the codes that the packages assign to their labels. */
export async function resultViews(
  models: ModelCatalogue,
  rows: readonly BackfillResultRow[],
): Promise<BackfillResult[]> {
  const packages = await models.all();
  return rows.map(({ item: _, answeredAt, ...row }) => ({
    ...row,
    concept: conceptOf(packages, row),
    answeredAt: answeredAt?.toISOString() ?? null,
  }));
}

function conceptOf(
  packages: readonly ModelPackage[],
  { model, version, label }: Pick<BackfillResultRow, "model" | "version" | "label">,
): string | null {
  if (label === null) return null;
  const found = packages.find((known) => known.id === model && known.version === version);
  const labels = found?.heads.flatMap((head) => head.labels) ?? [];
  const code = labels.find(({ id }) => id === label)?.code;
  return code === undefined ? null : `${code.scheme}:${code.value}`;
}
