import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@axial/kit";
import { eventually, TINY_MODELS } from "@axial/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModelWatch } from "../../src/supervisor/model-watch.ts";

const logger = createLogger({ service: "test", level: "silent" });

describe("the watch over the models folders", () => {
  let root: string;
  let watch: ModelWatch;
  let told: (readonly string[])[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "axial-test-watch-"));
    await cp(TINY_MODELS, root, { recursive: true });
    told = [];
    const onChange = async (packages: readonly string[]) => void told.push(packages);
    const started = await ModelWatch.start({ roots: [root], everyMs: 20, logger, onChange });
    ({ watch } = started);
    expect(started.packages).toEqual([join(root, "tiny-brain", "1.0.0")]);
  });
  afterEach(async () => {
    watch.close();
    await rm(root, { recursive: true, force: true });
  });

  it("tells of a new version, once", async () => {
    await cp(join(root, "tiny-brain", "1.0.0"), join(root, "copied"), { recursive: true });
    await rename(join(root, "copied"), join(root, "tiny-brain", "1.1.0"));
    await eventually("the change is told", () => told.length > 0);
    watch.reload();
    await eventually("the request is answered", () => told.length > 1);
    expect(told.length).toBe(2);
    expect(told.at(-1)).toEqual(
      ["1.0.0", "1.1.0"].map((version) => join(root, "tiny-brain", version)),
    );
  });

  it("tells of a package whose files changed", async () => {
    await writeFile(join(root, "tiny-brain", "1.0.0", "CARD.md"), "# another card");
    await eventually("the change is told", () => told.length > 0);
    expect(told[0]).toHaveLength(1);
  });
});
