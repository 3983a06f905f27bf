import { newId, type TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";

interface NewWebhook {
  readonly tenant: TenantId;
  readonly url: string;
  /** Signs what is sent; shown once, when the webhook is made. */
  readonly secret: string;
}

/** Makes a webhook and returns its id. */
export async function createWebhook(db: Database, webhook: NewWebhook): Promise<string> {
  const id: string = newId();
  const { tenant: tenant_id, url, secret } = webhook;
  await db.insertInto("webhook").values({ id, tenant_id, url, secret }).execute();
  return id;
}

/** A tenant's webhooks without their secrets. */
export function listWebhooks(db: Database, tenant: TenantId) {
  return db
    .selectFrom("webhook")
    .select(["id", "url", "created_at"])
    .where("tenant_id", "=", tenant)
    .orderBy("id")
    .execute();
}

/** Removes a tenant's webhook with its deliveries; false when there is none. */
export async function deleteWebhook(db: Database, tenant: TenantId, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("webhook")
    .where("id", "=", id)
    .where("tenant_id", "=", tenant)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}
