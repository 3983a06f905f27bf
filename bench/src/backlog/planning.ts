import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type InstanceFacts, newId, UNSTATED_FACTS } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { sql } from "kysely";
import { startService } from "../control/service-process.ts";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";

const MODELS = fileURLToPath(new URL("../../../models", import.meta.url));
/** All are requested by name, so that each study becomes this many tasks. */
const ASKED_FOR = [
  "brain-tumour-baseline",
  "brain-tumour-inceptionv3",
  "brain-tumour-mobilenetv2",
  "knee-acl-mobilenetv2",
  "knee-acl-mrnet",
  "knee-acl-vgg16-svc",
  "knee-oa-kl-cnn",
  "lumbar-stenosis-cnn",
];
const TENANT = "planned";
const LOOK_EVERY_MS = 250;
const GIVE_UP_AFTER_MS = 600_000;

interface PlanningRequest {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly postgresPid: number;
  readonly studies: number;
}

/**
 * How fast a gateway turns closed studies into pending tasks: read, decide, write the inputs
 * durably, commit run and tasks. The studies are there already; their receipt is `ingest`.
 */
export async function measurePlanning(request: PlanningRequest) {
  const { db, postgresPid, studies } = request;
  await insertClosedStudies(db, studies);
  const tasks = studies * ASKED_FOR.length;
  const blobs = await mkdtemp(join(tmpdir(), "axial-bench-planning-"));
  const postgresBefore = await cpuOfTree(postgresPid);
  const gateway = await startService("gateway", {
    AXIAL_DATABASE_URL: request.databaseUrl,
    AXIAL_QUEUE_URL: request.queueUrl,
    AXIAL_BLOB_URL: pathToFileURL(blobs).href,
    AXIAL_MODELS_DIR: MODELS,
    AXIAL_ADMIN_KEY: randomBytes(24).toString("hex"),
    AXIAL_RESERVED_DISK_BYTES: "0",
  });
  try {
    const seconds = await untilPlanned(db, studies);
    const postgres = (await cpuOfTree(postgresPid)) - postgresBefore;
    return {
      tasks,
      perSecond: tasks / seconds,
      cpuMsPerTask: {
        gateway: ((await gateway.cpu()) * 1_000) / tasks,
        postgres: (postgres * 1_000) / tasks,
      },
    };
  } finally {
    await gateway.stop();
    await rm(blobs, { recursive: true, force: true });
  }
}

/** Studies of one posted image each. */
async function insertClosedStudies(db: Database, studies: number): Promise<void> {
  const batch = newId().slice(0, 16);
  const id = sql`${batch} || lpad(to_hex(i), 16, '0')`;
  const numbers = sql`generate_series(1, ${studies}::integer) AS i`;
  const facts = JSON.stringify(FACTS);
  await sql`INSERT INTO tenant (id) VALUES (${TENANT}) ON CONFLICT DO NOTHING`.execute(db);
  await db.transaction().execute(async (trx) => {
    await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count, closed_at,
        plan_reason, requested_models)
      SELECT ${id}, ${TENANT}, ${id}, 'closed', 'backfill', 1, now(), 'closed',
        ${[...ASKED_FOR]}::text[] FROM ${numbers}`.execute(trx);
    await sql`INSERT INTO series (id, study_id, series_uid, instance_count)
      SELECT ${id}, ${id}, ${id}, 1 FROM ${numbers}`.execute(trx);
    await sql`INSERT INTO instance (id, tenant_id, study_id, series_id, sop_instance_uid,
        sop_class_uid, transfer_syntax, kind, blob, bytes, facts)
      SELECT ${id}, ${TENANT}, ${id}, ${id}, ${id}, ${FACTS.sopClassUid}, ${FACTS.transferSyntax},
        'image', encode(sha256((${id})::bytea), 'hex'), 200000, ${facts}::jsonb
      FROM ${numbers}`.execute(trx);
  });
}

/** Seconds from the first of the tenant's runs to the last. */
async function untilPlanned(db: Database, studies: number): Promise<number> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const { rows } = await sql<{ runs: number; seconds: number }>`
      SELECT count(*)::integer AS runs,
        extract(epoch FROM max(run.created_at) - min(run.created_at))::float8 AS seconds
      FROM run JOIN study ON study.id = run.study_id WHERE study.tenant_id = ${TENANT}`.execute(db);
    const [planned] = rows;
    if (planned !== undefined && planned.runs >= studies) return planned.seconds;
    if (Date.now() > deadline) throw new Error(`${planned?.runs} of ${studies} were planned`);
    await delay(LOOK_EVERY_MS);
  }
}

const FACTS: InstanceFacts = {
  ...UNSTATED_FACTS,
  studyUid: "2.25.1",
  seriesUid: "2.25.2",
  sopInstanceUid: "2.25.3",
  sopClassUid: "1.2.840.10008.5.1.4.1.1.7",
  transferSyntax: "1.2.840.10008.1.2.1",
  rows: 512,
  columns: 512,
  photometricInterpretation: "MONOCHROME2",
};
