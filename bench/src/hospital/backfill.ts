import { setTimeout as delay } from "node:timers/promises";
import type { StudyId, TenantId } from "@axial/contracts";
import { closeStudies, type NewInstance, storeInstances } from "@axial/store/ingest";
import { sql } from "kysely";
import type { BenchOptions } from "../figures.ts";
import { storeSeries, studyOf } from "../pipeline/stored-studies.ts";
import type { Hospital } from "./hospital.ts";

const SLICES = 16;
/** The least number of waiting studies per tenant: more than a window and what the worker holds. */
const WAITING = 100;
/** In tiny sizes: series that differ, and waiting studies. */
const QUICK = { distinct: 1, waiting: 8 };

type Templates = Awaited<ReturnType<typeof storeSeries>>;

/** Backfills of several tenants that never run dry. */
export class Backfill {
  readonly #hospital: Hospital;
  readonly #tenants: readonly TenantId[];
  readonly #templates: Templates;
  readonly #waiting: number;

  private constructor(
    hospital: Hospital,
    tenants: readonly TenantId[],
    { templates, waiting }: { readonly templates: Templates; readonly waiting: number },
  ) {
    this.#hospital = hospital;
    this.#tenants = tenants;
    this.#templates = templates;
    this.#waiting = waiting;
  }

  /** Resolves when every tenant has its first results. */
  static async start(
    hospital: Hospital,
    tenants: readonly TenantId[],
    { quick }: BenchOptions,
  ): Promise<Backfill> {
    const { db, blobs } = hospital;
    const rows = tenants.map((id) => ({ id }));
    await db
      .insertInto("tenant")
      .values(rows)
      .onConflict((c) => c.doNothing())
      .execute();
    const templates = await storeSeries(blobs, SLICES, quick ? QUICK.distinct : undefined);
    const waiting = quick ? QUICK.waiting : WAITING;
    const backfill = new Backfill(hospital, tenants, { templates, waiting });
    await backfill.refill();
    while ((await backfill.predictions()) < tenants.length) await delay(100);
    return backfill;
  }

  /** Adds studies to tenants of which too few wait. */
  async refill(): Promise<void> {
    for (const tenant of this.#tenants) {
      const missing = this.#waiting - (await this.#pending(tenant));
      if (missing > this.#waiting / 2) await this.#add(tenant, missing);
    }
  }

  async predictions(): Promise<number> {
    const { rows } = await sql<{ count: number }>`SELECT count(*)::integer AS count
      FROM prediction WHERE tenant_id = ANY(${[...this.#tenants]})`.execute(this.#hospital.db);
    return rows[0]?.count ?? 0;
  }

  async #pending(tenant: TenantId): Promise<number> {
    const { rows } = await sql<{ count: number }>`SELECT count(*)::integer AS count
      FROM task WHERE state = 'pending' AND tenant_id = ${tenant}`.execute(this.#hospital.db);
    return rows[0]?.count ?? 0;
  }

  async #add(tenant: TenantId, studies: number): Promise<void> {
    const { db, blobs } = this.#hospital;
    const ids: StudyId[] = [];
    for (let index = 0; index < studies; index++) {
      const instances = this.#study(tenant, index);
      const [outcome] = await storeInstances(db, instances, blobs);
      if (outcome?.status === "stored") ids.push(outcome.study);
    }
    await closeStudies(db, tenant, { ids, reason: "explicit" });
  }

  #study(tenant: TenantId, index: number): NewInstance[] {
    const series = this.#templates[index % this.#templates.length] ?? [];
    return studyOf(series, { tenant, lane: "backfill" });
  }
}
