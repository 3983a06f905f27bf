import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that start the whole system begin first, or the last of them runs alone at the end; the rest
 * keeps Vitest's order, by size where no run has told how long each takes.
 */
export class WholeSystemsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [whole, rest] = [true, false].map((isWhole) =>
      sorted.filter(({ moduleId }) => moduleId.endsWith(".e2e.test.ts") === isWhole),
    );
    return [...(whole ?? []), ...(rest ?? [])];
  }
}
