import type { TenantId } from "@axial/contracts";

/** Counts the associations that tenants have open. One tenant's never take the room of all. */
export class TenantAssociations {
  readonly #limit: number;
  readonly #open = new Map<TenantId, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts one more; false when the tenant has as many as it may. */
  begin(tenant: TenantId): boolean {
    const open = this.#open.get(tenant) ?? 0;
    if (open >= this.#limit) return false;
    this.#open.set(tenant, open + 1);
    return true;
  }

  end(tenant: TenantId): void {
    const left = (this.#open.get(tenant) ?? 0) - 1;
    if (left > 0) this.#open.set(tenant, left);
    else this.#open.delete(tenant);
  }
}
