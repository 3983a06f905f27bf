import type { TenantId } from "@axial/contracts";
import type { WaitingTenant } from "@axial/store/dispatch";
import { describe, expect, it } from "vitest";
import { FairShare } from "../src/dispatch/fair-share.ts";

const tenant = (name: string, more: Partial<WaitingTenant> = {}): WaitingTenant => ({
  tenant: name as TenantId,
  weight: 1,
  pass: null,
  maxConcurrent: null,
  rateRoom: null,
  ...more,
});
const counts = (shares: FairShare, places: number) => Object.fromEntries(shares.allot(places));

describe("FairShare", () => {
  it("gives equal tenants equal shares", () => {
    const shares = new FairShare([tenant("a"), tenant("b")], new Map());
    expect(counts(shares, 10)).toEqual({ a: 5, b: 5 });
  });

  it("gives by weight", () => {
    const shares = new FairShare([tenant("a", { weight: 3 }), tenant("b")], new Map());
    expect(counts(shares, 40)).toEqual({ a: 30, b: 10 });
  });

  it("keeps a tenant within its limits and gives the rest to the others", () => {
    const limited = tenant("a", { maxConcurrent: 5, rateRoom: 100 });
    const shares = new FairShare([limited, tenant("b")], new Map([["a" as TenantId, 3]]));
    expect(counts(shares, 20)).toEqual({ a: 2, b: 18 });
    const slow = tenant("a", { rateRoom: 0 });
    expect(counts(new FairShare([slow, tenant("b")], new Map()), 4)).toEqual({ b: 4 });
  });

  it("reallots what a tenant could not use", () => {
    const shares = new FairShare([tenant("a"), tenant("b")], new Map());
    shares.allot(10);
    shares.exhausted("a" as TenantId, 4);
    expect(counts(shares, 4)).toEqual({ b: 4 });
  });

  it("lets a tenant that was away join where the others are", () => {
    const served = new Map([["busy" as TenantId, 8]]);
    const shares = new FairShare(
      [tenant("busy", { pass: 1_000 }), tenant("back", { pass: 3 }), tenant("new")],
      served,
    );
    expect(counts(shares, 9)).toEqual({ busy: 3, back: 3, new: 3 });
  });

  it("goes on between passes where it stopped", () => {
    const both = new Map([
      ["a" as TenantId, 1],
      ["b" as TenantId, 1],
    ]);
    const order: string[] = [];
    let passes: ReadonlyMap<TenantId, number> = new Map();
    for (let turn = 0; turn < 6; turn++) {
      const pass = (name: string) => passes.get(name as TenantId) ?? 0;
      const shares = new FairShare(
        [tenant("a", { pass: pass("a") }), tenant("b", { pass: pass("b") })],
        both,
      );
      order.push(...shares.allot(1).keys());
      passes = shares.passes;
    }
    expect(order.filter((name) => name === "a")).toHaveLength(3);
  });
});
