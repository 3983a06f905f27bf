import type { TenantId } from "@axial/contracts";
import type { WaitingTenant } from "@axial/store/dispatch";

/** A tenant in the schedule: the one with the smallest pass goes next. */
interface Entry {
  readonly tenant: TenantId;
  readonly weight: number;
  pass: number;
  /** Tasks that its limits still allow. */
  room: number;
}

/**
 * Stride scheduling over the tenants of one lane (Waldspurger and Weihl, 1995): each dispatched
 * task moves its tenant's pass on by 1/weight, and the smallest pass goes next. A tenant with a
 * hundred thousand tasks and one with a hundred get the same share while both wait; one that
 * comes back after a pause starts where the others are, and claims nothing for the time before.
 */
export class FairShare {
  readonly #entries: Entry[];

  constructor(tenants: readonly WaitingTenant[], inFlight: ReadonlyMap<TenantId, number>) {
    const start = virtualTime(tenants, inFlight);
    this.#entries = tenants.map((tenant) => ({
      tenant: tenant.tenant,
      weight: tenant.weight,
      pass: Math.max(tenant.pass ?? start, start),
      room: roomOf(tenant, inFlight.get(tenant.tenant) ?? 0),
    }));
  }

  /** How many of `places` each tenant gets. */
  allot(places: number): Map<TenantId, number> {
    const allotted = new Map<TenantId, number>();
    for (let place = 0; place < places; place++) {
      const next = this.#next();
      if (next === undefined) break;
      next.pass += 1 / next.weight;
      next.room -= 1;
      allotted.set(next.tenant, (allotted.get(next.tenant) ?? 0) + 1);
    }
    return allotted;
  }

  /** Records that a tenant took fewer than it was allotted: it has no more tasks. */
  exhausted(tenant: TenantId, unused: number): void {
    const entry = this.#entries.find((one) => one.tenant === tenant);
    if (entry === undefined) return;
    entry.pass -= unused / entry.weight;
    entry.room = 0;
  }

  get passes(): ReadonlyMap<TenantId, number> {
    return new Map(this.#entries.map(({ tenant, pass }) => [tenant, pass]));
  }

  #next(): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.room > 0 && (next === undefined || entry.pass < next.pass)) next = entry;
    }
    return next;
  }
}

/**
 * Where a tenant joins: level with the one furthest behind of those being served. When none is
 * being served, all start level.
 */
function virtualTime(
  tenants: readonly WaitingTenant[],
  inFlight: ReadonlyMap<TenantId, number>,
): number {
  const passes = tenants.flatMap(({ pass }) => (pass === null ? [] : [pass]));
  const served = tenants.flatMap(({ tenant, pass }) =>
    pass !== null && (inFlight.get(tenant) ?? 0) > 0 ? [pass] : [],
  );
  if (served.length > 0) return Math.min(...served);
  return passes.length > 0 ? Math.max(...passes) : 0;
}

function roomOf(tenant: WaitingTenant, inFlight: number): number {
  const concurrent = (tenant.maxConcurrent ?? Number.POSITIVE_INFINITY) - inFlight;
  return Math.max(0, Math.min(concurrent, tenant.rateRoom ?? Number.POSITIVE_INFINITY));
}
