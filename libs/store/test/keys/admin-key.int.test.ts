import { newApiKey, type TenantId } from "@axial/contracts";
import { openDatabase } from "@axial/store/database";
import { createApiKey, createAuthenticator, ensureAdminKey, hashApiKey } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "../support/stack.ts";

describe("the installation's admin key", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  }, 120_000);
  afterAll(() => stack?.stop());

  /** Without anything remembered. */
  const status = async (key: string) => {
    const found = await createAuthenticator(stack.db)(key);
    return found.status === "accepted" ? found.principal.role : found.reason;
  };

  it("retires the one before, leaves others alone, and does not come back", async () => {
    const [first, second, made] = [newApiKey(), newApiKey(), newApiKey()];
    expect(await ensureAdminKey(stack.db, first)).toBe("current");
    const other = {
      id: "made",
      tenant: "default" as TenantId,
      name: "admin",
      role: "admin",
    } as const;
    const by = { tenant: other.tenant, keyId: "k" };
    await createApiKey(stack.db, { ...other, hash: hashApiKey(made) }, by);
    expect(await ensureAdminKey(stack.db, second)).toBe("current");
    expect(await ensureAdminKey(stack.db, second)).toBe("current");
    expect([await status(first), await status(second), await status(made)]).toEqual([
      ...["revoked-key", "admin", "admin"],
    ]);
    // A replica that still has the old setting undoes nothing.
    expect(await ensureAdminKey(stack.db, first)).toBe("retired");
    expect([await status(first), await status(second)]).toEqual(["revoked-key", "admin"]);
    const { rows } = await sql`
      SELECT detail FROM audit WHERE action = 'key.revoke'`.execute(stack.db);
    expect(rows).toEqual([{ detail: { reason: "replaced by another AXIAL_ADMIN_KEY" } }]);
  });

  it("of a version before is known by who made it", async () => {
    const url = await stack.server.createDatabase({ empty: true });
    const db = openDatabase(url, { onIdleError: () => {} });
    await migrate(db, "0016-audit-chain");
    await sql`INSERT INTO tenant (id) VALUES ('default') ON CONFLICT DO NOTHING`.execute(db);
    for (const [id, keyId] of [
      ["own", null],
      ["made", "own"],
    ]) {
      await sql`INSERT INTO api_key (id, tenant_id, name, role, hash)
        VALUES (${id}, 'default', 'admin', 'admin', ${id})`.execute(db);
      await sql`INSERT INTO audit (tenant_id, key_id, action, target)
        VALUES ('default', ${keyId}, 'key.create', ${id})`.execute(db);
    }
    await migrate(db);
    await ensureAdminKey(db, newApiKey());
    const { rows } = await sql`SELECT id FROM api_key WHERE revoked_at IS NOT NULL`.execute(db);
    expect(rows).toEqual([{ id: "own" }]);
    await db.destroy();
  });
});
