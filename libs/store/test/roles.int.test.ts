import { openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { prepareRoles, type RoleUrls } from "@axial/store/roles";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./support/stack.ts";

const FORBIDDEN = [
  "COPY tenant TO PROGRAM 'cat'",
  "CREATE TABLE public.mine (n integer)",
  "ALTER TABLE tenant ADD COLUMN mine text",
  "DROP TABLE tenant",
  "TRUNCATE tenant CASCADE",
  "CREATE ROLE mine",
  "CREATE DATABASE mine",
  "SELECT pg_read_file('postgresql.conf')",
  "SELECT rolpassword FROM pg_authid",
];

async function answer(url: string, statement: string): Promise<string> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(statement);
    return "done";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

describe("the roles of a database that Axial owns", () => {
  let stack: Stack;
  let roles: RoleUrls;
  beforeAll(async () => {
    stack = await startStack();
    await stack.db.schema.createSchema("axial_queue").execute();
    roles = await prepareRoles(stack.db, stack.url);
  }, 120_000);
  afterAll(() => stack?.stop());

  it("serve rows, and find the schema up to date", async () => {
    const db = openDatabase(roles.serving);
    expect(await migrate(db)).toEqual([]);
    await db.destroy();
    expect(await answer(roles.serving, "SELECT * FROM instance")).toBe("done");
    expect(await answer(roles.serving, "DELETE FROM tenant WHERE false")).toBe("done");
  });

  it.each(FORBIDDEN)("may not %s", async (statement) => {
    expect(await answer(roles.serving, statement)).toMatch(/permission denied|must be owner/);
    expect(await answer(roles.queue, statement)).toMatch(/permission denied|must be owner/);
  });

  it("of the queue make its schema, again where another had it, and read no patient's data", async () => {
    expect(await answer(roles.queue, "SELECT 1 FROM instance")).toMatch("permission denied");
    expect(await answer(roles.queue, "CREATE SCHEMA axial_queue")).toBe("done");
    expect(await answer(roles.queue, "CREATE TABLE axial_queue.t (n integer)")).toBe("done");
    expect(await answer(roles.serving, "SELECT 1 FROM axial_queue.t")).toMatch("permission denied");
  });

  it("have new passwords at the next start, and keep the queue", async () => {
    const next = await prepareRoles(stack.db, stack.url);
    expect(await answer(roles.serving, "SELECT 1")).toMatch("password authentication failed");
    expect(await answer(next.queue, "SELECT 1 FROM axial_queue.t")).toBe("done");
  });
});
