import {
  AxialError,
  type BackfillEstimate,
  type BackfillFilter,
  type BlobKey,
  type SeriesId,
} from "@axial/contracts";
import { answeredUids } from "@axial/store/backfill";
import { readCanaries } from "@axial/store/canaries";
import type { PlannableImages } from "@axial/store/planning";
import type { SourceRow } from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import type { PlanDecider } from "../plan/plan-decider.ts";
import { versionsOfBackfill } from "../plan/versions-in-use.ts";
import type { DescribedInstance } from "../sources/metadata-facts.ts";
import { openSource } from "../sources/open-source.ts";
import type { FoundInstance, StudySource } from "../sources/study-source.ts";
import { isDay, spreadDays, today } from "./days.ts";
import { hoursOf, Tally } from "./estimate.ts";
import { wantedModels } from "./wanted-models.ts";

/** Days that are counted; the rest are taken to be like them. */
const SAMPLED_DAYS = 12;
/** Studies whose series and instances are counted, and planned where the source describes them. */
const SAMPLED_STUDIES = 5;
/** Studies that are looked up here, for answers that they have. */
const LOOKED_UP = 1_000;
const TIMEOUT_MS = 60_000;
/** The planner copies it into task inputs, which an estimate drops. */
const NO_BLOB = "0".repeat(64) as BlobKey;

/** The filter of a backfill that pulls: days from and to are asked one by one. */
export function checkSourceFilter({ from, to, description }: BackfillFilter): void {
  const detail =
    from === undefined
      ? "a source is read day by day: the filter needs from=YYYYMMDD"
      : !isDay(from) || (to !== undefined && (!isDay(to) || to < from))
        ? "from and to are days, YYYYMMDD, in their order"
        : description !== undefined
          ? "a source is filtered by from, to and modality"
          : null;
  if (detail !== null) throw new AxialError("invalid-request", { detail });
}

type EstimateServices = Pick<Dependencies, "db" | "models" | "guard" | "deidentifiers"> & {
  readonly decider: PlanDecider;
};

interface SourceQuery {
  readonly source: SourceRow;
  /** Null leaves the choice to the planner. */
  readonly models: readonly string[] | null;
}

/**
 * What the studies that a client names are at their source, by a few of them. Rejects as a source does
 * when it does not answer.
 */
export async function estimateListed(
  services: EstimateServices,
  query: SourceQuery,
  studies: readonly string[],
): Promise<BackfillEstimate> {
  const port = opened(services, query.source);
  return estimated(services, { ...query, port }, { studies, all: studies.length });
}

/**
 * What a filter finds at a source, from a sample of its days, and what the planner would do with a
 * few of its studies, where the source describes them (DICOMweb). Rejects as a source does when it
 * does not answer.
 */
export async function estimateSource(
  services: EstimateServices,
  query: SourceQuery,
  filter: BackfillFilter,
): Promise<BackfillEstimate> {
  checkSourceFilter(filter);
  const { from = "", to = today(), modality } = filter;
  const port = opened(services, query.source);
  const { days, total } = spreadDays(from, to, SAMPLED_DAYS);
  const studies: string[] = [];
  let scale = 1;
  for (const day of days) {
    const found = await port.search({ from: day, to: day, modality });
    studies.push(...found.map(({ studyUid }) => studyUid));
  }
  const isSampled = days.length < total;
  if (studies.length === 0 && isSampled) {
    // A few days in a long range may all be empty: then it is asked for whole.
    const found = await port.search({ from, to, modality });
    studies.push(...found.map(({ studyUid }) => studyUid));
  } else if (isSampled) scale = total / days.length;
  const all = Math.round(studies.length * scale);
  return estimated(services, { ...query, port }, { studies, all });
}

function opened({ guard }: EstimateServices, source: SourceRow): StudySource {
  return openSource(source, { guard, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

interface Found {
  readonly studies: readonly string[];
  /** How many they stand for. */
  readonly all: number;
}

/** By a few of the studies, scaled to all of them. */
async function estimated(
  services: EstimateServices,
  query: SourceQuery & { readonly port: StudySource },
  { studies, all }: Found,
): Promise<BackfillEstimate> {
  const { db, models, decider } = services;
  const { port, source } = query;
  const offer = versionsOfBackfill(await models.all(), await readCanaries(db));
  const wanted = wantedModels(offer, query.models, decider.policy);
  const tally = new Tally(wanted);
  const instances: FoundInstance[] = [];
  const looked = spread(studies, SAMPLED_STUDIES);
  let isDescribed = looked.length > 0;
  for (const study of looked) {
    const described = await port.describe(study);
    if (described === null) {
      isDescribed = false;
      instances.push(...(await port.list(study)));
      continue;
    }
    instances.push(...described.map(({ facts }) => facts));
    const plannable = { ...plannableOf(described), requestedModels: query.models };
    const bytes = described.reduce((sum, one) => sum + one.bytes, 0);
    tally.add(await decider.decide(source.tenant_id, { study: plannable, offer }), bytes);
  }
  const series = new Set(instances.map(({ seriesUid }) => seriesUid)).size;
  const each = looked.length === 0 ? 0 : all / looked.length;
  const counts = {
    studies: all,
    series: Math.round(series * each),
    instances: Math.round(instances.length * each),
  };
  const share = await answeredShare(services, { source, studies, wanted });
  const answered = Math.round(share * all);
  if (!isDescribed) {
    const unknown = { bytes: null, tasks: [], refusals: [], hours: null };
    return { ...counts, ...unknown, answered, sampled: looked.length };
  }
  // Of those that have their answers nothing runs.
  const { tasks, refusals } = tally.scaledTo(all - answered);
  const { bytes, sampled } = tally.scaledTo(all);
  return { ...counts, bytes, answered, sampled, tasks, refusals, hours: await hoursOf(db, tasks) };
}

/** The share of the studies that are here and have been answered by these versions. */
async function answeredShare(
  { db, deidentifiers }: EstimateServices,
  {
    source,
    studies,
    wanted,
  }: {
    readonly source: SourceRow;
    readonly studies: readonly string[];
    readonly wanted: Parameters<typeof answeredUids>[2];
  },
): Promise<number> {
  const looked = spread(studies, LOOKED_UP);
  if (looked.length === 0) return 0;
  const deidentifier = await deidentifiers.of(source.tenant_id);
  const stored = looked.map((uid) => deidentifier?.uid(uid) ?? uid);
  const found = await answeredUids(db, { tenant: source.tenant_id, studies: stored }, wanted);
  return found.size / looked.length;
}

/** At most `count` of them, evenly spread. */
function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count);
  return all.filter((_, index) => Math.floor(index % step) === 0).slice(0, count);
}

/** As the planner sees what is here; a source has no blobs of ours. */
function plannableOf(described: readonly DescribedInstance[]): PlannableImages {
  return {
    instances: described.map(({ facts }) => ({
      series: facts.seriesUid as SeriesId,
      blob: NO_BLOB,
      kind: "dicom",
      facts: JSON.stringify(facts),
    })),
    leftOut: [],
    slices: described.reduce((sum, { facts }) => sum + facts.frames, 0),
  };
}
