import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./database.ts";
import { up as firstSchema } from "./migrations/0001-first-schema.ts";
import { up as viewIndexes } from "./migrations/0002-view-indexes.ts";
import { up as archiveIndexes } from "./migrations/0003-archive-indexes.ts";
import { up as webhooks } from "./migrations/0004-webhooks.ts";
import { up as feedback } from "./migrations/0005-feedback.ts";
import { up as retention } from "./migrations/0006-retention.ts";
import { up as workerLanes } from "./migrations/0007-worker-lanes.ts";
import { up as currentAnswers } from "./migrations/0008-current-answers.ts";
import { up as applicationEntities } from "./migrations/0009-application-entities.ts";
import { up as patients } from "./migrations/0010-patients.ts";
import { up as deletions } from "./migrations/0011-deletions.ts";
import { up as instanceVersions } from "./migrations/0012-instance-versions.ts";
import { up as answersPerImage } from "./migrations/0013-answers-per-image.ts";
import { up as auditChain } from "./migrations/0016-audit-chain.ts";
import { up as installationKey } from "./migrations/0017-installation-key.ts";
import { up as deidentification } from "./migrations/0018-deidentification.ts";
import { up as destinations } from "./migrations/0019-destinations.ts";
import { up as ownInstances } from "./migrations/0020-own-instances.ts";
import { up as operations } from "./migrations/0022-operations.ts";
import { up as backfills } from "./migrations/0024-backfills.ts";
import { up as deviceTime } from "./migrations/0027-device-time.ts";
import { up as quotas } from "./migrations/0028-quotas.ts";
import { up as keyScopes } from "./migrations/0029-key-scopes.ts";
import { up as sources } from "./migrations/0032-sources.ts";
import { up as commitments } from "./migrations/0033-commitments.ts";
import { up as orders } from "./migrations/0034-orders.ts";
import { up as workMinutes } from "./migrations/0037-work-minutes.ts";
import { up as canaries } from "./migrations/0042-canaries.ts";
import { up as traceParents } from "./migrations/0045-trace-parents.ts";
import { up as modelQuality } from "./migrations/0046-model-quality.ts";
import { up as shadowVersions } from "./migrations/0047-shadow-versions.ts";
import { up as addInstances } from "./migrations/0048-add-instances.ts";
import { up as commitmentReports } from "./migrations/0050-commitment-reports.ts";
import { up as openAssociations } from "./migrations/0051-open-associations.ts";
import { up as backfillTallies } from "./migrations/0052-backfill-tallies.ts";
import { up as intakeAndHeldTasks } from "./migrations/0053-intake-and-held-tasks.ts";

/** Forward only, in name order; a released migration never changes. */
const MIGRATIONS: Record<string, Migration> = {
  "0001-first-schema": { up: firstSchema },
  "0002-view-indexes": { up: viewIndexes },
  "0003-archive-indexes": { up: archiveIndexes },
  "0004-webhooks": { up: webhooks },
  "0005-feedback": { up: feedback },
  "0006-retention": { up: retention },
  "0007-worker-lanes": { up: workerLanes },
  "0008-current-answers": { up: currentAnswers },
  "0009-application-entities": { up: applicationEntities },
  "0010-patients": { up: patients },
  "0011-deletions": { up: deletions },
  "0016-audit-chain": { up: auditChain },
  "0017-installation-key": { up: installationKey },
  "0022-operations": { up: operations },
  "0024-backfills": { up: backfills },
  "0027-device-time": { up: deviceTime },
  "0032-sources": { up: sources },
  "0033-commitments": { up: commitments },
  "0034-orders": { up: orders },
  "0028-quotas": { up: quotas },
  "0029-key-scopes": { up: keyScopes },
  "0012-instance-versions": { up: instanceVersions },
  "0013-answers-per-image": { up: answersPerImage },
  "0019-destinations": { up: destinations },
  "0020-own-instances": { up: ownInstances },
  "0018-deidentification": { up: deidentification },
  "0037-work-minutes": { up: workMinutes },
  "0042-canaries": { up: canaries },
  "0045-trace-parents": { up: traceParents },
  "0046-model-quality": { up: modelQuality },
  "0047-shadow-versions": { up: shadowVersions },
  "0048-add-instances": { up: addInstances },
  "0050-commitment-reports": { up: commitmentReports },
  "0051-open-associations": { up: openAssociations },
  "0052-backfill-tallies": { up: backfillTallies },
  "0053-intake-and-held-tasks": { up: intakeAndHeldTasks },
};

export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS).toSorted();

/** An index over a table of 100 million rows takes minutes; so does waiting for its builder. */
const STATEMENT_TIMEOUT = "25min";

/**
 * Brings the schema up to this version, or to migration `to`. Kysely takes an advisory lock, so
 * replicas that start together migrate once. Throws the error of the first migration that fails,
 * which leaves the database unchanged. Its statements have a time limit of their own.
 */
export function migrate(db: Database, to?: string): Promise<readonly string[]> {
  return db.connection().execute(async (connection) => {
    await sql`SET statement_timeout = ${sql.lit(STATEMENT_TIMEOUT)}`.execute(connection);
    try {
      return await migrateOn(connection, to);
    } finally {
      // Back to what the pool's connections have. One that is lost has nothing to go back to.
      await sql`RESET statement_timeout`.execute(connection).catch(() => {});
    }
  });
}

async function migrateOn(db: Database, to?: string): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error, results } = await (to === undefined
    ? migrator.migrateToLatest()
    : migrator.migrateTo(to));
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}

/** True when the database has seen every migration of this version, or more. */
export async function isSchemaCurrent(db: Database): Promise<boolean> {
  const applied = new Set(await appliedMigrations(db));
  return MIGRATION_NAMES.every((name) => applied.has(name));
}

/** Names of the applied migrations, in order; empty for an empty database. */
export async function appliedMigrations(db: Database): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`
    SELECT to_regclass('public.kysely_migration') IS NOT NULL AS there`.execute(db);
  if (rows[0]?.there !== true) return [];
  const applied = await sql<{ name: string }>`
    SELECT name FROM kysely_migration ORDER BY name`.execute(db);
  return applied.rows.map((row) => row.name);
}
