import { INDETERMINATE, type ModelReference, type TenantId } from "@axial/contracts";
import {
  countFeedback,
  type FeedbackCount,
  type QualityCounts,
  readQualityCounts,
  readReferences,
} from "@axial/store/quality";
import type { Dependencies } from "../dependencies.ts";
import { type Agreement, agreementOf } from "./agreement.ts";
import { qualityOf, type SourceQuality } from "./drift.ts";

/** Sources that are looked at: those with most results. */
const MAX_SOURCES = 200;
const DAY_MS = 24 * 3_600_000;

type QualityDependencies = Pick<Dependencies, "db" | "models">;

interface QualityPeriod {
  /** All tenants where it is null. */
  readonly tenant: TenantId | null;
  readonly from: Date;
  readonly to: Date;
}

/** The days before now. */
export function lastDays(days: number, now = Date.now()): Pick<QualityPeriod, "from" | "to"> {
  return { from: new Date(now - days * DAY_MS), to: new Date(now) };
}

export type Source = QualityCounts & SourceQuality & { readonly hasReference: boolean };

/** Drift and shares of each model, site and scanner in a period. */
export async function readSources(
  { db, models }: QualityDependencies,
  period: QualityPeriod,
): Promise<Source[]> {
  const [counts, references] = await Promise.all([
    readQualityCounts(db, { ...period, limit: MAX_SOURCES }),
    referencesOf({ db, models }),
  ]);
  return counts.map((source) => {
    const reference = references.get(keyOf(source)) ?? null;
    return { ...source, ...qualityOf(source, reference), hasReference: reference !== null };
  });
}

/** What was measured here goes before what a package brings: it knows this house's scanners. */
async function referencesOf({ db, models }: QualityDependencies) {
  const references = new Map<string, ModelReference>();
  for (const { id: model, version, reference } of await models.all()) {
    if (reference !== undefined) references.set(keyOf({ model, version }), reference);
  }
  for (const { reference, ...of } of await readReferences(db)) references.set(keyOf(of), reference);
  return references;
}

const keyOf = ({ model, version }: { readonly model: string; readonly version: string }) =>
  `${model} ${version}`;

export interface ModelAgreement extends Agreement {
  readonly model: string;
  readonly version: string;
  /** By site and scanner, those with most verdicts first. */
  readonly sources: readonly (Agreement & { readonly site: string; readonly scanner: string })[];
  /** By the weeks in which readers spoke, oldest first. */
  readonly weeks: readonly (Agreement & { readonly week: Date })[];
}

/** Stands for what a reader saw that is no label of the model. */
const OTHER_LABEL = "other";

/** What readers said of each version of a model in a period. */
export async function readAgreements(
  { db, models }: QualityDependencies,
  period: QualityPeriod,
): Promise<ModelAgreement[]> {
  const labels = new Map<string, ReadonlySet<string>>();
  for (const { id: model, version, heads } of await models.all()) {
    const known = heads.flatMap((head) => head.labels.map(({ id }) => id));
    const marginal = heads.flatMap(({ marginals = [] }) =>
      marginals.flatMap((one) => one.labels.map(({ id }) => id)),
    );
    labels.set(keyOf({ model, version }), new Set([...known, ...marginal, INDETERMINATE]));
  }
  const counts = (await countFeedback(db, period)).map((count) => {
    const known = count.truth === null || labels.get(keyOf(count))?.has(count.truth);
    return known === true ? count : { ...count, truth: OTHER_LABEL };
  });
  return [...Map.groupBy(counts, keyOf).values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const { model, version } = first;
    return [{ model, version, ...agreementOf(of), sources: sourcesOf(of), weeks: weeksOf(of) }];
  });
}

function sourcesOf(counts: readonly FeedbackCount[]) {
  const groups = Map.groupBy(counts, ({ site, scanner }) => JSON.stringify([site, scanner]));
  return [...groups.values()]
    .flatMap((of) => {
      const [first] = of;
      if (first === undefined) return [];
      return [{ site: first.site, scanner: first.scanner, ...agreementOf(of) }];
    })
    .toSorted((a, b) => b.verdicts - a.verdicts)
    .slice(0, MAX_SOURCES);
}

function weeksOf(counts: readonly FeedbackCount[]) {
  return [...Map.groupBy(counts, ({ week }) => week.getTime())]
    .toSorted(([a], [b]) => a - b)
    .map(([week, of]) => ({ week: new Date(week), ...agreementOf(of) }));
}
