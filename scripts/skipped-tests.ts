import type { Reporter, TestModule } from "vitest/node";

/**
 * One line for all skipped tests: the commands and conditions with which they would run, and how
 * many tests each would bring. Null when nothing that was skipped says why (`needs` of the testkit).
 */
export function skippedLine(lacking: readonly (readonly string[])[]): string | null {
  const tests = new Map<string, number>();
  for (const lacks of lacking) {
    for (const one of lacks) tests.set(one, (tests.get(one) ?? 0) + 1);
  }
  if (tests.size === 0) return null;
  const each = [...tests].toSorted(([, a], [, b]) => b - a);
  return `tests skipped; to run them: ${each.map(([one, count]) => `${one} (${count})`).join("; ")}`;
}

/** Prints the line when a run has ended. */
export class SkippedTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    const line = skippedLine(skipped.map((test) => test.meta().lacks ?? []));
    if (line !== null) console.log(line);
  }
}
