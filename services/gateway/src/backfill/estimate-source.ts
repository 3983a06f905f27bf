import { AxialError, type BackfillEstimate, type BackfillFilter } from "@axial/contracts";
import type { SourceRow } from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import { openSource } from "../sources/open-source.ts";
import type { FoundInstance, StudySource } from "../sources/study-source.ts";
import { isDay, spreadDays, today } from "./days.ts";

/** Days that are counted; the rest are taken to be like them. */
const SAMPLED_DAYS = 12;
/** Studies whose series and instances are counted. */
const SAMPLED_STUDIES = 5;
const TIMEOUT_MS = 60_000;

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

/**
 * How much the studies that a client names are at their source, by a few of them. Rejects as a source does
 * when it does not answer.
 */
export async function estimateListed(
  { guard }: Pick<Dependencies, "guard">,
  source: SourceRow,
  studies: readonly string[],
): Promise<BackfillEstimate> {
  const port = openSource(source, { guard, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return counted(port, studies, studies.length);
}

/**
 * How much a filter finds at a source, from a sample of its days. What models would do with it is
 * known only once the images are here. Rejects as a source does when it does not answer.
 */
export async function estimateSource(
  { guard }: Pick<Dependencies, "guard">,
  source: SourceRow,
  filter: BackfillFilter,
): Promise<BackfillEstimate> {
  checkSourceFilter(filter);
  const { from = "", to = today(), modality } = filter;
  const port = openSource(source, { guard, signal: AbortSignal.timeout(TIMEOUT_MS) });
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
  return counted(port, studies, Math.round(studies.length * scale));
}

/** Series and instances of a few of the studies, scaled to all of them. */
async function counted(
  port: StudySource,
  studies: readonly string[],
  all: number,
): Promise<BackfillEstimate> {
  const instances: FoundInstance[] = [];
  const looked = studies.slice(0, SAMPLED_STUDIES);
  for (const study of looked) instances.push(...(await port.list(study)));
  const series = new Set(instances.map(({ seriesUid }) => seriesUid)).size;
  const each = looked.length === 0 ? 0 : all / looked.length;
  return {
    studies: all,
    series: Math.round(series * each),
    instances: Math.round(instances.length * each),
    ...{ bytes: 0, sampled: looked.length, tasks: [], refusals: [], hours: null },
  };
}
