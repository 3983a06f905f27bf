import type { TenantId } from "@axial/contracts";
import {
  type AuditEntry,
  chainAudit,
  searchAudit,
  verifyAudit,
  writeAudit,
} from "@axial/store/audit";
import { openDatabase } from "@axial/store/database";
import { sweepAudit } from "@axial/store/retention";
import { prepareRoles } from "@axial/store/roles";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "../support/stack.ts";

describe("the audit", () => {
  let stack: Stack;
  let chains = 0;
  beforeAll(async () => {
    stack = await startStack();
  }, 120_000);
  afterAll(() => stack?.stop());

  /** A tenant of its own with so many entries. */
  async function chained(entries: number): Promise<TenantId> {
    const tenant = `clinic-${++chains}` as TenantId;
    await sql`INSERT INTO tenant (id) VALUES (${tenant})`.execute(stack.db);
    await writeAudit(stack.db, ...Array.from({ length: entries }, (_, at) => entry(tenant, at)));
    while ((await chainAudit(stack.db, 7)) > 0);
    return tenant;
  }

  const entry = (tenant: TenantId, at: number): AuditEntry => ({
    ...{ principal: { tenant, keyId: "k" }, action: "study.read", target: `s${at}` },
    ...{ address: "10.0.0.1", detail: { text: `größe ${at} "\\`, number: at + 0.5, yes: true } },
  });

  /** As the owner of the table could. */
  const tamper = async (statement: string) => {
    await sql`ALTER TABLE audit DISABLE TRIGGER USER`.execute(stack.db);
    await sql.raw(statement).execute(stack.db);
    await sql`ALTER TABLE audit ENABLE TRIGGER USER`.execute(stack.db);
  };
  const chain = async (tenant: TenantId) => (await verifyAudit(stack.db, { tenant }))[0];

  it("is whole while it grows", async () => {
    const tenant = await chained(40);
    let growing = true;
    const grow = async () => {
      for (let at = 0; growing; at += 1) {
        await writeAudit(stack.db, entry(tenant, at));
        await chainAudit(stack.db, 3);
      }
    };
    const found: unknown[] = [];
    const follow = async () => {
      for (let turn = 0; turn < 60; turn += 1) found.push((await chain(tenant))?.broken);
      growing = false;
    };
    await Promise.all([grow(), follow()]);
    expect(found.filter((broken) => broken !== null)).toEqual([]);
  });

  it("is a chain that anyone can follow", async () => {
    const tenant = await chained(20);
    expect(await chain(tenant)).toMatchObject({
      entries: 20,
      first: 1,
      waiting: 0,
      broken: null,
    });
    await writeAudit(stack.db, entry(tenant, 20));
    expect(await chain(tenant)).toMatchObject({ entries: 20, waiting: 1, broken: null });
    await chainAudit(stack.db);
    expect(await chain(tenant)).toMatchObject({ entries: 21, waiting: 0, broken: null });
  });

  it.each([
    ["altered", 5, "UPDATE audit SET target = 'x' WHERE seq = 5"],
    ["altered", 6, "UPDATE audit SET detail = '{}' WHERE seq IN (6, 9)"],
    ["altered", 2, "UPDATE audit SET at = at - interval '1 us' WHERE seq = 2"],
    ["missing", 7, "DELETE FROM audit WHERE seq = 7"],
    ["missing", 1, "DELETE FROM audit WHERE seq < 4"],
    ["missing", 11, "DELETE FROM audit WHERE seq > 10"],
  ])("names the first entry that is %s: %s", async (how, seq, statement) => {
    const tenant = await chained(12);
    await tamper(`${statement} AND tenant_id = '${tenant}'`);
    expect((await chain(tenant))?.broken).toEqual({ seq, how });
  });

  it("that was written anew as a whole differs from a head noted before", async () => {
    const tenant = await chained(5);
    const head = (await chain(tenant))?.head ?? { seq: 0, hash: "" };
    expect((await verifyAudit(stack.db, { tenant, noted: [head] }))[0]?.broken).toBeNull();
    await tamper(`UPDATE audit SET target = 'x', seq = NULL, hash = NULL
      WHERE tenant_id = '${tenant}'`);
    await sql`ALTER TABLE audit_chain DISABLE TRIGGER USER`.execute(stack.db);
    await sql`DELETE FROM audit_chain WHERE tenant_id = ${tenant}`.execute(stack.db);
    await sql`ALTER TABLE audit_chain ENABLE TRIGGER USER`.execute(stack.db);
    await chainAudit(stack.db);
    expect((await chain(tenant))?.broken).toBeNull();
    const { broken } = (await verifyAudit(stack.db, { tenant, noted: [head] }))[0] ?? {};
    expect(broken).toEqual({ seq: 5, how: "not-as-noted" });
  });

  it.each([
    "UPDATE audit SET target = 'x'",
    "UPDATE audit SET seq = 1, hash = '\\x00' WHERE seq IS NULL",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "INSERT INTO audit (tenant_id, action, seq, hash) VALUES ('t', 'a', 1, '\\x00')",
    "UPDATE audit_chain SET last_seq = 0",
    "DELETE FROM audit_chain",
  ])("is only added to, even by its owner: %s", async (statement) => {
    await writeAudit(stack.db, entry(await chained(1), 1));
    await expect(sql.raw(statement).execute(stack.db)).rejects.toThrow("only added to");
    await chainAudit(stack.db);
  });

  it("is added to, chained and trimmed by the role that serves, and otherwise out of its reach", async () => {
    const { serving } = await prepareRoles(stack.db, stack.url);
    const db = openDatabase(serving);
    const tenant = await chained(3);
    await writeAudit(db, entry(tenant, 3));
    expect(await chainAudit(db)).toBe(1);
    for (const statement of ["UPDATE audit SET target = 'x'", "DELETE FROM audit"]) {
      await expect(sql.raw(statement).execute(db)).rejects.toThrow("permission denied");
    }
    await expect(sql`UPDATE audit_chain SET last_seq = 0`.execute(db)).rejects.toThrow("denied");
    await db.destroy();
    expect(await chain(tenant)).toMatchObject({ entries: 4, broken: null });
  });

  it("loses its oldest entries to retention alone, and says so", async () => {
    const tenant = await chained(0);
    await sql`INSERT INTO audit (tenant_id, action, at)
      SELECT ${tenant}, 'x', now() - interval '9 days' FROM generate_series(1, 6)`.execute(
      stack.db,
    );
    await writeAudit(stack.db, ...Array.from({ length: 4 }, (_, at) => entry(tenant, at)));
    await chainAudit(stack.db);
    expect(await sweepAudit(stack.db, tenant)).toBe(0);
    await sql`UPDATE tenant SET keep_audit_days = 5 WHERE id = ${tenant}`.execute(stack.db);
    expect(await sweepAudit(stack.db, tenant)).toBe(6);
    expect(await sweepAudit(stack.db, tenant)).toBe(0);
    await chainAudit(stack.db);
    expect(await chain(tenant)).toMatchObject({ first: 7, entries: 5, broken: null });
    const [newest] = await searchAudit(stack.db, { tenant, limit: 1 });
    expect(newest).toMatchObject({ action: "audit.trim", detail: { through: 6 } });
  });

  it("is found by pages, with the study of its target", async () => {
    const tenant = await chained(5);
    await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane)
      VALUES ('s2', ${tenant}, '1.2.3', 'closed', 'routine')`.execute(stack.db);
    const [first, second] = await searchAudit(stack.db, { tenant, limit: 2 });
    expect([first?.target, second?.target]).toEqual(["s4", "s3"]);
    const page = await searchAudit(stack.db, { tenant, limit: 2, after: second?.id });
    expect(page.map(({ target, study_uid }) => [target, study_uid])).toEqual([
      ["s2", "1.2.3"],
      ["s1", null],
    ]);
    expect(await searchAudit(stack.db, { tenant, study: "1.2.3", limit: 9 })).toHaveLength(1);
    expect(await searchAudit(stack.db, { tenant, action: "key.create", limit: 9 })).toEqual([]);
  });
});
