import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";

const NEEDED = {
  AXIAL_DATABASE_URL: "postgres://127.0.0.1/axial",
  AXIAL_QUEUE_URL: "redis://127.0.0.1",
  AXIAL_BLOB_URL: "file:///tmp/blobs",
};

test("an admin key that is too short, or no key at all, is refused at start and not quoted", () => {
  const start = (key: string) => () => readConfig({ ...NEEDED, AXIAL_ADMIN_KEY: key });
  expect(start("k".repeat(16))().AXIAL_ADMIN_KEY).toHaveLength(16);
  for (const key of ["k".repeat(15), "k".repeat(257), `with a space ${"k".repeat(16)}`]) {
    expect(start(key)).toThrow("AXIAL_ADMIN_KEY");
    expect(start(key)).not.toThrow(key);
  }
});
