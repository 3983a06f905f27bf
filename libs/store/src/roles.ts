import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * Reads and writes rows of Axial's tables, and can change nothing about them; it adds to the audit
 * and alters nothing of it.
 */
const SERVING = "axial_serving";
/** Owns the queue's schema, which it may have to create again, and sees no table of Axial's. */
const QUEUE = "axial_queue";
const QUEUE_SCHEMA = "axial_queue";

/** Addresses of one database for what serves and for what uses the queue in it. */
export interface RoleUrls {
  readonly serving: string;
  readonly queue: string;
}

/**
 * Makes two plain roles of the database that `owner` is connected to as its owner, after
 * migrations: neither is a superuser, creates roles or databases, or changes a table of Axial's.
 * Their passwords are new at each call and kept nowhere. A queue that another role owns is dropped:
 * it is rebuilt (invariant 2).
 */
export async function prepareRoles(owner: Database, ownerUrl: string): Promise<RoleUrls> {
  const serving = await prepareRole(owner, SERVING);
  const queue = await prepareRole(owner, QUEUE);
  const database = new URL(ownerUrl).pathname.slice(1);
  await execute(owner, [
    `GRANT USAGE ON SCHEMA public TO ${SERVING}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${SERVING}`,
    `REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM ${SERVING}`,
    `REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_chain FROM ${SERVING}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${SERVING}`,
    `GRANT CREATE ON DATABASE "${database}" TO ${QUEUE}`,
    `DO $$ BEGIN
       IF EXISTS (SELECT FROM pg_namespace
                  WHERE nspname = '${QUEUE_SCHEMA}' AND nspowner <> '${QUEUE}'::regrole)
       THEN DROP SCHEMA ${QUEUE_SCHEMA} CASCADE; END IF;
     END $$`,
  ]);
  return {
    serving: withLogin(ownerUrl, SERVING, serving),
    queue: withLogin(ownerUrl, QUEUE, queue),
  };
}

/** Resolves with the role's new password, in hexadecimal digits. */
async function prepareRole(owner: Database, role: string): Promise<string> {
  const password = randomBytes(24).toString("hex");
  await execute(owner, [
    `DO $$ BEGIN
       IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role}; END IF;
     END $$`,
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD '${password}'`,
  ]);
  return password;
}

async function execute(owner: Database, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(owner);
}

function withLogin(address: string, role: string, password: string): string {
  const url = new URL(address);
  url.username = role;
  url.password = password;
  return url.href;
}
