import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { needs } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), "utf8");

interface Rule {
  readonly alert?: string;
  readonly for?: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}
interface Tests {
  readonly tests: readonly { readonly name: string }[];
}

const alerts = (parse(read("prometheus/alerts.yaml")) as Rules).groups
  .flatMap(({ rules }) => rules)
  .filter(({ alert }) => alert !== undefined);
const tested = (parse(read("prometheus/alerts.test.yaml")) as Tests).tests.map(({ name }) => name);
const runbook = read("../docs/OPERATIONS.md");
/** As a chapter marks them. */
const PARTS = [/\*Means\*/, /\*Look\*/i, /\*Mend\*/i, /\*Sure\*/i];
/** Each of some sixty tests opens a database of its own. */
const PROMTOOL_WITHIN_MS = 600_000;

describe.each(alerts)("$alert", ({ alert, labels, annotations }) => {
  it("is a page or a ticket, and says what to do", () => {
    expect(["page", "ticket"]).toContain(labels?.severity);
    expect(annotations?.summary).toBeTruthy();
    expect(annotations?.action).toBeTruthy();
  });

  it("has a chapter in the runbook", () => {
    const [file, anchor] = annotations?.runbook_url?.split("#") ?? [];
    expect(file).toBe("docs/OPERATIONS.md");
    const anchors = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, title]) => title?.toLowerCase());
    expect(anchors).toContain(anchor);
  });

  it("says there what it means, where to look first, what mends it and how to be sure", () => {
    const anchor = annotations?.runbook_url?.split("#")[1] ?? "";
    const chapters = runbook.split(/^### /m).map((text) => text.split(/^## /m)[0] ?? "");
    const chapter = chapters.find((text) => text.toLowerCase().startsWith(`${anchor}\n`));
    for (const part of PARTS) expect(chapter, alert).toMatch(part);
  });

  it("is tested with what makes it fire and with what only looks like it", () => {
    expect(tested).toContain(alert);
    expect(tested).toContain(`${alert}, well`);
  });
});

it("promtool finds that each alert fires when it should, and only then", {
  ...needs("promtool"),
  timeout: PROMTOOL_WITHIN_MS,
}, async () => {
  const run = promisify(execFile);
  const { stdout } = await run("promtool", ["test", "rules", path("prometheus/alerts.test.yaml")]);
  expect(stdout).toContain("SUCCESS");
});

it("the runbook has no two chapters of one name", () => {
  const titles = [...runbook.matchAll(/^##+ (.+)$/gm)].map(([, title]) => title);
  expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
});
