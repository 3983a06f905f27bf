import { QUALITY_FIGURES, type QualityFigure } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { SOURCE_NAMES } from "./source-names.ts";

/** A result may be committed this long after the time that it carries. */
const COMMITTED_WITHIN_SECONDS = 60;
/** Counted in one transaction at most. */
const AT_ONCE_SECONDS = 3_600;
/** Counted at least: less is left for the next time. */
const WORTHWHILE_SECONDS = 30;
/** Names of a tenant's sites, and of its scanners; what comes beyond is `other`. */
const MAX_NAMES = 200;
/** Long enough to see a season. */
const KEPT_DAYS = 400;

const OTHER = sql.lit("other");

interface Period {
  readonly from: Date;
  readonly to: Date;
}

/**
 * Counts the results and refusals since the last time, each once, whichever process counts. Returns true when
 * there are more.
 */
export function recordQuality(db: Database): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const period = await nextPeriod(trx);
    if (period === null) return false;
    await keepNames(trx, period);
    await addCounts(trx, period);
    await sql`UPDATE quality_progress SET until = ${period.to}`.execute(trx);
    return period.to.getTime() - period.from.getTime() >= AT_ONCE_SECONDS * 1_000;
  });
}

/** Removes what no range reaches any more. */
export async function forgetQuality(db: Database): Promise<void> {
  await sql`DELETE FROM quality_count
    WHERE hour < now() - make_interval(days => ${KEPT_DAYS})`.execute(db);
}

/** Null while another process counts, or while there is hardly anything to count. */
async function nextPeriod(trx: DatabaseTransaction): Promise<Period | null> {
  const { rows } = await sql<Period>`
    SELECT until AS "from", least(until + make_interval(secs => ${AT_ONCE_SECONDS}),
      now() - make_interval(secs => ${COMMITTED_WITHIN_SECONDS})) AS "to"
    FROM quality_progress FOR UPDATE SKIP LOCKED`.execute(trx);
  const [period] = rows;
  if (period === undefined) return null;
  const seconds = (period.to.getTime() - period.from.getTime()) / 1_000;
  return seconds < WORTHWHILE_SECONDS ? null : period;
}

/** A row for each result and for each task that was refused. */
function observed({ from, to }: Period) {
  return sql`
    SELECT date_trunc('hour', p.created_at) AS hour, p.tenant_id, p.model_id, p.model_version,
      ${SOURCE_NAMES}, false AS refused, p.label = 'indeterminate' AS indeterminate,
      p.probability AS score,
      NOT (p.result #>> '{domain,inDomain}')::boolean AS outside,
      (p.result #>> '{domain,distance}')::float8
        / nullif((p.result #>> '{domain,threshold}')::float8, 0) AS distance,
      (p.result #>> '{input,mean}')::float8 AS mean,
      (p.result #>> '{input,deviation}')::float8 AS deviation,
      jsonb_array_length(p.result -> 'slices') = 1 AS single
    FROM prediction AS p JOIN series ON series.id = p.series_id
    WHERE p.created_at >= ${from} AND p.created_at < ${to}
    UNION ALL
    SELECT date_trunc('hour', r.created_at), task.tenant_id, task.model_id, task.model_version,
      ${SOURCE_NAMES}, true, NULL, NULL, CASE WHEN r.code = 'out-of-domain' THEN true END, NULL, NULL, NULL,
      false
    FROM refusal AS r JOIN task ON task.id = r.task_id JOIN series ON series.id = task.series_id
    WHERE r.created_at >= ${from} AND r.created_at < ${to}`;
}

async function keepNames(trx: DatabaseTransaction, period: Period): Promise<void> {
  await sql`
    WITH observed AS (${observed(period)})
    INSERT INTO quality_name (id, tenant_id, kind, name)
    SELECT substr(md5(random()::text || clock_timestamp()::text), 1, 8), tenant_id, kind, name
    FROM (SELECT DISTINCT tenant_id, kind, name FROM observed,
      LATERAL (VALUES ('site', site), ('scanner', scanner)) AS named(kind, name)) AS seen
    WHERE (SELECT count(*) FROM quality_name AS known
      WHERE known.tenant_id = seen.tenant_id AND known.kind = seen.kind) < ${MAX_NAMES}
    ON CONFLICT DO NOTHING`.execute(trx);
}

/** The figure of every result, and once more of those of one image (`of` in `ModelReference`). */
function bin(figure: QualityFigure, value: string) {
  const { bins, to } = QUALITY_FIGURES[figure];
  const index = sql`least(${sql.lit(bins - 1)},
    floor(${sql.raw(value)} * ${sql.lit(bins / to)}))::integer`;
  return sql`(${sql.lit(figure)}, ${index}),
    (${sql.lit(`image-${figure}`)}, CASE WHEN single THEN ${index} END)`;
}

const BINS = sql.join([
  bin("score", "score"),
  bin("domain-distance", "distance"),
  bin("input-mean", "mean"),
  bin("input-deviation", "deviation"),
  sql`('out-of-domain', outside::integer)`,
  sql`('indeterminate', indeterminate::integer)`,
  sql`('refused', refused::integer)`,
]);

async function addCounts(trx: DatabaseTransaction, period: Period): Promise<void> {
  await sql`
    WITH observed AS (${observed(period)})
    INSERT INTO quality_count (hour, tenant_id, model_id, model_version, site, scanner, figure,
      bin, count)
    SELECT hour, o.tenant_id, model_id, model_version, coalesce(site.id, ${OTHER}),
      coalesce(scanner.id, ${OTHER}), figure, bin, count(*)
    FROM observed AS o
    LEFT JOIN quality_name AS site ON site.tenant_id = o.tenant_id AND site.kind = 'site'
      AND site.name = o.site
    LEFT JOIN quality_name AS scanner ON scanner.tenant_id = o.tenant_id
      AND scanner.kind = 'scanner' AND scanner.name = o.scanner
    CROSS JOIN LATERAL (VALUES ${BINS}) AS binned(figure, bin)
    WHERE bin IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (hour, tenant_id, model_id, model_version, site, scanner, figure, bin)
      DO UPDATE SET count = quality_count.count + excluded.count`.execute(trx);
}
