import { type Kysely, sql } from "kysely";

/**
 * Further instances of series that are being received, in one round trip: nearly all of what a PACS
 * sends, one instance at a time. Returns nothing, and changes nothing, when any of them is more
 * than that: of a study or series that is new, of one that does not receive, of a patient whose
 * facts differ, stored already, or the last that the study waits for. Raises `unique_violation` if
 * another transaction stores one of them at this moment.
 *
 * Like every writer of instances it locks the studies first, in key order, and inserts in key order.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(FUNCTION).execute(db);
}

const ARRIVAL = `a(id text, tenant_id text, study_uid text, series_uid text,
  sop_instance_uid text, sop_class_uid text, transfer_syntax text, kind text, blob text,
  bytes bigint, facts jsonb, identity jsonb)`;
const WISH = `w(tenant_id text, study_uid text, arrived integer, lane text, models text[],
  expected integer, trace text)`;

const FUNCTION = `
  CREATE FUNCTION add_instances(arrivals jsonb, wishes jsonb)
    RETURNS TABLE (tenant_id text, study_uid text, study_id text) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
      plain integer;
    BEGIN
      PERFORM FROM study s JOIN jsonb_to_recordset(wishes) AS ${WISH}
        ON s.tenant_id = w.tenant_id AND s.study_uid = w.study_uid
        ORDER BY s.tenant_id, s.study_uid FOR UPDATE OF s;
      SELECT count(*) INTO plain FROM jsonb_to_recordset(arrivals) AS ${ARRIVAL}
        JOIN jsonb_to_recordset(wishes) AS ${WISH}
          ON w.tenant_id = a.tenant_id AND w.study_uid = a.study_uid
        JOIN study s ON s.tenant_id = a.tenant_id AND s.study_uid = a.study_uid
        JOIN series ON series.study_id = s.id AND series.series_uid = a.series_uid
        WHERE s.state = 'receiving'
          AND (s.instance_count + w.arrived < coalesce(w.expected, s.expected_instances)) IS NOT FALSE
          AND NOT EXISTS (SELECT FROM jsonb_each(a.identity) AS fact
            WHERE s.tags -> fact.key IS DISTINCT FROM fact.value)
          AND NOT EXISTS (SELECT FROM instance i
            WHERE i.tenant_id = a.tenant_id AND i.sop_instance_uid = a.sop_instance_uid);
      IF plain < jsonb_array_length(arrivals) THEN RETURN; END IF;
      INSERT INTO instance (id, tenant_id, study_id, series_id, sop_instance_uid, sop_class_uid,
          transfer_syntax, kind, blob, bytes, facts)
        SELECT a.id, a.tenant_id, s.id, series.id, a.sop_instance_uid, a.sop_class_uid,
          a.transfer_syntax, a.kind, a.blob, a.bytes, a.facts
        FROM jsonb_to_recordset(arrivals) AS ${ARRIVAL}
        JOIN study s ON s.tenant_id = a.tenant_id AND s.study_uid = a.study_uid
        JOIN series ON series.study_id = s.id AND series.series_uid = a.series_uid
        ORDER BY a.tenant_id, a.sop_instance_uid;
      UPDATE series SET instance_count = series.instance_count + c.arrived
        FROM (SELECT s.id, a.series_uid, count(*)::integer AS arrived
          FROM jsonb_to_recordset(arrivals) AS ${ARRIVAL}
          JOIN study s ON s.tenant_id = a.tenant_id AND s.study_uid = a.study_uid
          GROUP BY s.id, a.series_uid) AS c
        WHERE series.study_id = c.id AND series.series_uid = c.series_uid;
      RETURN QUERY UPDATE study SET
          instance_count = study.instance_count + w.arrived,
          last_instance_at = now(),
          lane = coalesce(w.lane, study.lane),
          requested_models = coalesce(w.models, study.requested_models),
          expected_instances = coalesce(w.expected, study.expected_instances),
          trace_parent = coalesce(w.trace, study.trace_parent)
        FROM jsonb_to_recordset(wishes) AS ${WISH}
        WHERE study.tenant_id = w.tenant_id AND study.study_uid = w.study_uid
        RETURNING study.tenant_id, study.study_uid, study.id;
    END $$`;
