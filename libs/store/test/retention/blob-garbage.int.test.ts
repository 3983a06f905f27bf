import { randomBytes } from "node:crypto";
import type { BlobStore } from "@axial/blobs";
import type { BlobKey, StudyId } from "@axial/contracts";
import { newInstance } from "@axial/store/fixtures";
import { storeInstances } from "@axial/store/ingest";
import { collectCondemned, condemnUnreferenced, holdBlobs } from "@axial/store/retention";
import { eventually } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../support/stack.ts";

const NEVER = new AbortController().signal;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const put = () => stack.blobs.put(randomBytes(64));
const store = async (key: BlobKey) => {
  const [outcome] = await storeInstances(stack.db, [newInstance(key)], stack.blobs);
  if (outcome === undefined || outcome.status === "conflict") throw new Error("not stored");
  return outcome.study;
};
const condemn = (key: BlobKey) => condemnUnreferenced(stack.db, [{ key, bytes: 64 }]);
const collect = (blobs: BlobStore = stack.blobs) => collectCondemned(stack.db, blobs, NEVER);
const removeStudy = (id: StudyId) => stack.db.deleteFrom("study").where("id", "=", id).execute();
const condemned = async (key: BlobKey) =>
  (await stack.db.selectFrom("blob_tombstone").select("key").where("key", "=", key).execute())
    .length > 0;

/** The same store, with a deletion that runs `around` the real one. */
function withDelete(around: (real: () => Promise<void>) => Promise<void>): BlobStore {
  const { blobs } = stack;
  return new Proxy(blobs, {
    get: (target, name) => {
      if (name === "delete") return (key: BlobKey) => around(() => target.delete(key));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("blob garbage", () => {
  test("what nothing refers to is collected, what something refers to stays", async () => {
    const [garbage, used] = [await put(), await put()];
    await store(used);
    await condemn(garbage);
    await condemn(used);
    expect(await collect()).toEqual({ blobs: 1, bytes: 64 });
    expect(await stack.blobs.has(garbage)).toBe(false);
    expect(await stack.blobs.has(used)).toBe(true);
    expect(await condemned(used)).toBe(false);
  });

  test("a study that is removed takes its blobs along, except shared ones", async () => {
    const [own, shared] = [await put(), await put()];
    const study = await store(own);
    const other = await store(shared);
    await storeInstances(
      stack.db,
      [newInstance(shared, { facts: { ...newInstance(shared).facts, studyUid: "2.25.77" } })],
      stack.blobs,
    );
    await removeStudy(study);
    await removeStudy(other);
    await collect();
    expect(await stack.blobs.has(own)).toBe(false);
    expect(await stack.blobs.has(shared)).toBe(true);
  });

  test("a blob that was collected before its row is committed is not acknowledged", async () => {
    const bytes = randomBytes(64);
    const key = await stack.blobs.put(bytes);
    await condemn(key);
    await collect();
    await expect(store(key)).rejects.toMatchObject({ code: "unavailable" });
    expect(await stack.db.selectFrom("instance").where("blob", "=", key).execute()).toEqual([]);
    // The sender sends again.
    await store(await stack.blobs.put(bytes));
    await collect();
    expect(await stack.blobs.has(key)).toBe(true);
  });

  test("a row that refers to a condemned blob takes the condemnation back", async () => {
    const key = await put();
    await condemn(key);
    await store(key);
    expect(await condemned(key)).toBe(false);
    expect(await collect()).toEqual({ blobs: 0, bytes: 0 });
    expect(await stack.blobs.has(key)).toBe(true);
  });

  test("the collector waits for a writer that did not see the condemnation", async () => {
    const key = await put();
    const written = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const template = await store(await put());
    const writer = stack.db.transaction().execute(async (trx) => {
      await sql`
        INSERT INTO instance (id, tenant_id, study_id, series_id, sop_instance_uid, sop_class_uid,
          transfer_syntax, kind, blob, bytes, facts)
        SELECT md5(${key}), tenant_id, study_id, series_id, '2.25.78', sop_class_uid,
          transfer_syntax, kind, ${key}, bytes, facts
        FROM instance WHERE study_id = ${template}`.execute(trx);
      written.resolve();
      await commit.promise;
    });
    await written.promise;
    expect(await condemn(key)).toBe(1);
    const collecting = collect();
    await eventually("the collector waits", async () => {
      const { rows } = await sql`
        SELECT FROM pg_stat_activity WHERE query LIKE '%pg_snapshot_xmin%'
          AND pid <> pg_backend_pid()`.execute(stack.db);
      return rows.length > 0;
    });
    expect(await stack.blobs.has(key)).toBe(true);
    commit.resolve();
    await writer;
    await collecting;
    expect(await stack.blobs.has(key)).toBe(true);
    expect(await condemned(key)).toBe(false);
  });

  test("who commits while the blob is being deleted waits, and is told to send again", async () => {
    const key = await put();
    await condemn(key);
    const [deleting, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const collecting = collect(
      withDelete(async (real) => {
        deleting.resolve();
        await finish.promise;
        await real();
      }),
    );
    await deleting.promise;
    const storing = store(key).then(
      () => "stored",
      (error: { code: string }) => error.code,
    );
    await eventually("the writer waits for the lock", async () => {
      const { rows } = await sql`
        SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
          AND query LIKE '%blob_tombstone%'`.execute(stack.db);
      return rows.length > 0;
    });
    finish.resolve();
    await collecting;
    expect(await storing).toBe("unavailable");
  });

  test("a collector that dies between deletion and commit misleads no writer", async () => {
    const bytes = randomBytes(64);
    const key = await stack.blobs.put(bytes);
    await condemn(key);
    const dying = collect(
      withDelete(async (real) => {
        await real();
        throw new Error("killed");
      }),
    );
    await expect(dying).rejects.toThrow("killed");
    // Some of its deletions may still be under way: what seems to be there is not to be relied on.
    await stack.blobs.put(bytes);
    await expect(store(key)).rejects.toMatchObject({ code: "unavailable" });
    await collect();
    expect(await stack.blobs.has(key)).toBe(true);
    await sql`UPDATE blob_tombstone SET deleting_at = now() - interval '1 hour'
      WHERE key = ${key}`.execute(stack.db);
    await collect();
    expect(await stack.blobs.has(key)).toBe(false);
    await store(await stack.blobs.put(bytes));
    await collect();
    expect(await stack.blobs.has(key)).toBe(true);
  });

  test("nothing is collected while a backup holds the blobs", async () => {
    const key = await put();
    await condemn(key);
    const hold = await holdBlobs(stack.db);
    await collect();
    hold.check();
    expect(await stack.blobs.has(key)).toBe(true);
    await hold.release();
    await collect();
    expect(await stack.blobs.has(key)).toBe(false);
  });
});

describe("senders, removals and two collectors at the same time", () => {
  /** Few contents, so that all writers compete for the same blobs. */
  const CONTENTS = Array.from({ length: 6 }, () => randomBytes(64));
  const SENDS = 100;
  const SENDERS = 4;

  test("nothing that was acknowledged is missing", async () => {
    const acknowledged = new Set<StudyId>();
    const removed = new Set<StudyId>();
    /** On refusal, sends the bytes again, as senders do. */
    const sendOne = async (bytes: Buffer): Promise<void> => {
      const key = await stack.blobs.put(bytes);
      const study = await store(key).catch(() => null);
      if (study === null) return sendOne(bytes);
      acknowledged.add(study);
    };
    const send = async () => {
      for (let count = 0; count < SENDS; count += 1) {
        await sendOne(CONTENTS[Math.floor(Math.random() * CONTENTS.length)] ?? randomBytes(1));
      }
    };
    const done = new AbortController();
    const remove = async () => {
      while (!done.signal.aborted) {
        for (const study of [...acknowledged].filter((id) => !removed.has(id)).slice(0, 8)) {
          removed.add(study);
          await removeStudy(study);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    let collected = 0;
    const sweep = async () => {
      while (!done.signal.aborted) {
        const entries = [];
        for await (const entry of stack.blobs.list()) entries.push(entry);
        await condemnUnreferenced(stack.db, entries);
        collected += (await collect()).blobs;
      }
    };
    const background = [remove(), sweep(), sweep()];
    await Promise.all(Array.from({ length: SENDERS }, send));
    done.abort();
    await Promise.all(background);

    const rows = await stack.db.selectFrom("instance").select(["study_id", "blob"]).execute();
    for (const row of rows) expect(await stack.blobs.has(row.blob)).toBe(true);
    const kept = new Set(rows.map((row) => row.study_id));
    const missing = [...acknowledged].filter((id) => !removed.has(id) && !kept.has(id));
    expect(missing).toEqual([]);
    // The race took place: blobs were collected, and every writer still succeeded.
    expect(collected).toBeGreaterThan(0);
    expect(acknowledged.size).toBe(SENDS * SENDERS);
  });
});
