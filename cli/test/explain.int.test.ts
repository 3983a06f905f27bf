import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";
import { expect, it } from "vitest";
import { runAxial } from "./support/run-axial.ts";
import { writeStudies } from "./support/studies.ts";

it("axial explain says for each stack of a series what is used and what is left out", async () => {
  const folder = await mkdtemp(join(tmpdir(), "axial-explain-"));
  try {
    await writeStudies(folder, ["brain"], 5);
    const explain = (...more: string[]) =>
      runAxial(["explain", folder, "--models", TINY_MODELS, "--model", TINY_MODEL_ID, ...more]);
    const { explanations } = JSON.parse(await explain("--json"));
    expect(explanations).toMatchObject([
      { decision: "task", of: 5, stacks: [{ outcome: "task", slices: 5, used: 4 }] },
    ]);
    expect((await explain()).split("\n")).toEqual([
      `${explanations[0].seriesUid}  ${TINY_MODEL_ID}  task, 4 of 5 slices`,
      "    stack      axial, M/ND, 5 places of 5 slices, ordered by position: 4 used",
      "      left out   1 by the package's slice rule: the central 4",
      "",
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
