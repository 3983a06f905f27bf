import { type Kysely, sql } from "kysely";

/**
 * The audit as a chain per tenant: an entry's hash covers the one before, so that one that is
 * altered, taken out or put in between shows (`axial audit verify`).
 *
 * Entries are only ever added. They get their place and hash within a second, many at a time, by
 * `chain_audit`, and leave from the chain's beginning, as old as the tenant's retention says, by
 * `trim_audit`. Both run as the owner of the table: the role that serves needs the right to insert
 * and no other, and triggers hold where one role does everything.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

/** Set within a transaction by the two functions that may change the audit. */
const WORK = "axial.audit_work";

/** Where a tenant's chain begins: no entry has this hash. */
const GENESIS = "sha256(convert_to('axial audit of ' || NEW_TENANT, 'UTF8'))";

const STATEMENTS = [
  `ALTER TABLE audit
    ADD COLUMN address text,
    ADD COLUMN outcome text NOT NULL DEFAULT 'success' CHECK (outcome IN ('success', 'refused')),
    ADD COLUMN seq bigint,
    ADD COLUMN hash bytea,
    ADD CHECK ((seq IS NULL) = (hash IS NULL))`,
  `CREATE UNIQUE INDEX audit_seq ON audit (tenant_id, seq) WHERE seq IS NOT NULL`,
  `CREATE INDEX audit_unchained ON audit (id) WHERE seq IS NULL`,
  `CREATE INDEX audit_pages ON audit (tenant_id, id)`,
  `CREATE TABLE audit_chain (
    tenant_id text PRIMARY KEY,
    first_seq bigint NOT NULL,
    first_hash bytea NOT NULL,
    last_seq bigint NOT NULL,
    last_hash bytea NOT NULL
  )`,
  `CREATE FUNCTION audit_text(entry audit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(entry.seq, entry.id,
      to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.tenant_id,
      entry.key_id, entry.address, entry.action, entry.outcome, entry.target, entry.detail)::text
  $$`,
  `CREATE FUNCTION chain_audit(most integer) RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      entry audit;
      head audit_chain;
      chained integer := 0;
    BEGIN
      IF NOT pg_try_advisory_xact_lock(hashtextextended('axial audit chain', 0)) THEN
        RETURN 0;
      END IF;
      PERFORM set_config('${WORK}', 'chain', true);
      FOR entry IN
        SELECT * FROM (SELECT * FROM audit WHERE seq IS NULL ORDER BY id LIMIT most) AS waiting
        ORDER BY tenant_id, id
      LOOP
        IF head.tenant_id IS DISTINCT FROM entry.tenant_id THEN
          UPDATE audit_chain SET last_seq = head.last_seq, last_hash = head.last_hash
            WHERE tenant_id = head.tenant_id;
          INSERT INTO audit_chain
            SELECT entry.tenant_id, 1, genesis, 0, genesis
            FROM (SELECT ${GENESIS.replace("NEW_TENANT", "entry.tenant_id")} AS genesis) AS g
            ON CONFLICT DO NOTHING;
          SELECT * INTO head FROM audit_chain WHERE tenant_id = entry.tenant_id;
        END IF;
        entry.seq := head.last_seq + 1;
        entry.hash := sha256(head.last_hash || convert_to(audit_text(entry), 'UTF8'));
        UPDATE audit SET seq = entry.seq, hash = entry.hash WHERE id = entry.id;
        head.last_seq := entry.seq;
        head.last_hash := entry.hash;
        chained := chained + 1;
      END LOOP;
      UPDATE audit_chain SET last_seq = head.last_seq, last_hash = head.last_hash
        WHERE tenant_id = head.tenant_id;
      PERFORM set_config('${WORK}', '', true);
      RETURN chained;
    END $$`,
  `CREATE FUNCTION trim_audit(of_tenant text, most integer) RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      head audit_chain;
      trimmed_seq bigint;
      trimmed_hash bytea;
      trimmed integer;
    BEGIN
      PERFORM set_config('${WORK}', 'trim', true);
      SELECT * INTO head FROM audit_chain WHERE tenant_id = of_tenant FOR UPDATE;
      SELECT seq, hash INTO trimmed_seq, trimmed_hash FROM (
        SELECT seq, hash, bool_and(at < now() - make_interval(days => keep_audit_days))
          OVER (ORDER BY seq) AS is_old
        FROM audit JOIN tenant ON tenant.id = audit.tenant_id
        WHERE tenant_id = of_tenant AND keep_audit_days IS NOT NULL AND seq >= head.first_seq
        ORDER BY seq LIMIT most) AS oldest
      WHERE is_old ORDER BY seq DESC LIMIT 1;
      IF trimmed_seq IS NULL THEN RETURN 0; END IF;
      DELETE FROM audit WHERE tenant_id = of_tenant AND seq <= trimmed_seq;
      GET DIAGNOSTICS trimmed = ROW_COUNT;
      UPDATE audit_chain SET first_seq = trimmed_seq + 1, first_hash = trimmed_hash
        WHERE tenant_id = of_tenant;
      PERFORM set_config('${WORK}', '', true);
      INSERT INTO audit (tenant_id, action, detail)
        VALUES (of_tenant, 'audit.trim', jsonb_build_object('through', trimmed_seq));
      RETURN trimmed;
    END $$`,
  `CREATE FUNCTION guard_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      work text := current_setting('${WORK}', true);
    BEGIN
      IF TG_OP = 'DELETE' AND work = 'trim' THEN RETURN OLD; END IF;
      IF TG_OP = 'UPDATE' AND work = 'chain' AND OLD.seq IS NULL
        AND (NEW.id, NEW.at, NEW.tenant_id, NEW.key_id, NEW.address, NEW.action, NEW.outcome,
          NEW.target, NEW.detail) IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.tenant_id, OLD.key_id,
          OLD.address, OLD.action, OLD.outcome, OLD.target, OLD.detail)
      THEN RETURN NEW; END IF;
      RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'AX002';
    END $$`,
  `CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION guard_audit()`,
  `CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION guard_audit()`,
  `CREATE TRIGGER chained_later BEFORE INSERT ON audit
    FOR EACH ROW WHEN (NEW.seq IS NOT NULL) EXECUTE FUNCTION guard_audit()`,
  `CREATE FUNCTION guard_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP IN ('INSERT', 'UPDATE') AND current_setting('${WORK}', true) IN ('chain', 'trim')
      THEN RETURN NEW; END IF;
      RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'AX002';
    END $$`,
  `CREATE TRIGGER only_chained BEFORE INSERT OR UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION guard_audit_chain()`,
  `CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION guard_audit_chain()`,
  // The roles of deploy/postgres/roles.sql, where a site uses them.
  `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'axial_services') THEN
      REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM axial_services;
      REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_chain FROM axial_services;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'axial_archive') THEN
      GRANT INSERT ON audit TO axial_archive;
    END IF;
  END $$`,
];
