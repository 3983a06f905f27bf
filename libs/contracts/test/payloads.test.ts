import { readdir, readFile } from "node:fs/promises";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { describe, expect, test } from "vitest";
import {
  InferJobSchema,
  ResultMessageSchema,
  TaskInputSchema,
  TaskResultSchema,
} from "../src/index.ts";

const FOLDER = new URL("payloads/", import.meta.url);

const SCHEMAS: Readonly<Record<string, TSchema>> = {
  inferJobs: InferJobSchema,
  resultMessages: ResultMessageSchema,
  taskInputs: TaskInputSchema,
  results: TaskResultSchema,
};

/**
 * What released versions put on queues and into blobs, kept as they wrote it: a new version takes
 * it, because both run side by side during a rollout.
 */
describe.each(await readdir(FOLDER))("payloads of %s", async (file) => {
  const kept = JSON.parse(await readFile(new URL(file, FOLDER), "utf8")) as Record<
    string,
    object[]
  >;

  test.each(Object.entries(kept))("%s are taken", (kind, payloads) => {
    const schema = SCHEMAS[kind];
    if (schema === undefined) throw new Error(`no schema for ${kind}`);
    expect(payloads.length).toBeGreaterThan(0);
    for (const payload of payloads) expect([...Value.Errors(schema, payload)]).toEqual([]);
  });

  test("a version that is older takes fields that it does not know", () => {
    for (const [kind, payloads] of Object.entries(kept)) {
      const schema = SCHEMAS[kind];
      if (schema === undefined) throw new Error(`no schema for ${kind}`);
      for (const payload of payloads) {
        expect(Value.Check(schema, { ...payload, added: "later" })).toBe(true);
      }
    }
  });
});
