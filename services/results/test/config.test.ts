import { expect, it } from "vitest";
import { readConfig } from "../src/config.ts";

const NEEDED = {
  AXIAL_DATABASE_URL: "postgres://127.0.0.1/axial",
  AXIAL_QUEUE_URL: "redis://127.0.0.1",
  AXIAL_BLOB_URL: "file:///tmp/blobs",
};

it("believes signed outcomes alone, unless it is told otherwise", () => {
  expect(() => readConfig(NEEDED)).toThrow("AXIAL_OUTCOME_KEYS");
  expect(() => readConfig({ ...NEEDED, AXIAL_OUTCOME_KEYS: "" })).toThrow("AXIAL_OUTCOME_KEYS");
  const AXIAL_OUTCOME_KEYS = "o".repeat(32);
  expect(readConfig({ ...NEEDED, AXIAL_OUTCOME_KEYS })).toMatchObject({ AXIAL_OUTCOME_KEYS });
  expect(readConfig({ ...NEEDED, AXIAL_UNSIGNED_OUTCOMES: "on" }).AXIAL_OUTCOME_KEYS).toBe("");
});
