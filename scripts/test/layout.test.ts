import { describe, expect, it } from "vitest";
import { checkLayout } from "../layout/check.ts";
import { WORKSPACES } from "../layout/rules.ts";

/** What is wrong with these files, and these alone. */
const check = (files: Readonly<Record<string, string>>): string[] =>
  checkLayout(new Map(Object.entries(files)), []);

describe("what a workspace may import", () => {
  it.each([
    ["pure code, infrastructure", "libs/dicom/src/a.ts", "@axial/kit"],
    ["pure code, the blob store", "libs/inference/src/a.ts", "@axial/blobs"],
    ["contracts, anything of ours", "libs/contracts/src/a.ts", "@axial/dicom"],
    ["the worker, Postgres", "services/worker/src/a.ts", "@axial/store"],
    ["the worker, what opens Postgres", "services/worker/src/a.ts", "@axial/service"],
    ["a service, another", "services/gateway/src/a.ts", "@axial/results"],
    ["a service, another's settings", "services/results/src/a.ts", "@axial/gateway/config"],
    ["kit, the store", "libs/kit/src/a.ts", "@axial/store/keys"],
    ["a library, a service", "libs/service/src/a.ts", "@axial/gateway"],
    ["the console, the database", "services/console/src/a.ts", "@axial/store/views"],
  ])("%s: no", (_, file, specifier) => {
    const [, imported] = specifier.split("/");
    const violation = expect.stringMatching(
      new RegExp(`${file}: .* may not import @axial/${imported}`),
    );
    expect(check({ [file]: `import { a } from "${specifier}";` })).toContainEqual(violation);
    expect(check({ [file]: `import type { a } from "${specifier}";` })).toContainEqual(violation);
    expect(check({ [file]: `export * from "${specifier}";` })).toContainEqual(violation);
    expect(check({ [file]: `const a = await import("${specifier}");` })).toContainEqual(violation);
  });

  it("what the table allows", () => {
    expect(check({ "libs/imaging/src/a.ts": 'import { a } from "@axial/dicom";' })).toEqual([]);
    expect(check({ "libs/dicom/src/a.ts": 'import { a } from "./b.ts";' })).toEqual([]);
  });

  it("another workspace's files past its exports: no", () => {
    const file = "libs/imaging/src/a.ts";
    expect(check({ [file]: 'import { a } from "../../dicom/src/tags.ts";' })).toEqual([
      `${file}: reaches into another workspace by ../../dicom/src/tags.ts`,
    ]);
  });

  it("a table without circles, of workspaces that exist in it", () => {
    const byName = new Map(
      Object.entries(WORKSPACES).map(([path, may]) => [path.split("/").at(-1), may]),
    );
    const reach = (name: string, way: readonly string[]): void => {
      expect(way).not.toContain(name);
      for (const next of byName.get(name) ?? [name]) reach(next, [...way, name]);
    };
    for (const name of byName.keys()) reach(name ?? "", []);
  });
});

describe("what only some files may use", () => {
  it.each([
    ["testkit", "cli/src/commands/up.ts", 'import { a } from "@axial/testkit";'],
    ["a stranger's file", "services/results/src/objects/a.ts", "const a = readInstance(file);"],
    ["inflation", "services/gateway/src/a.ts", "const a = inflateRawSync(bytes);"],
    ["BullMQ", "services/gateway/src/a.ts", 'import { Queue } from "bullmq";'],
    ["a blob store", "libs/store/src/a.ts", 'import { openBlobStore } from "@axial/blobs";'],
    ["Redis", "libs/kit/src/a.ts", 'import { Redis } from "ioredis";'],
    ["the environment", "services/gateway/src/service.ts", "const a = process.env.A;"],
    ["main.ts", "services/gateway/src/service.ts", 'import "./main.ts";'],
  ])("%s", (_, file, text) => {
    expect(check({ [file]: text })).toHaveLength(1);
  });

  it.each([
    ["testkit", "bench/src/a.ts", 'import { a } from "@axial/testkit";'],
    ["BullMQ", "libs/kit/src/queue/a.ts", 'import { Queue } from "bullmq";'],
    ["the environment", "services/gateway/src/config.ts", "const a = process.env.A;"],
  ])("%s, where it belongs", (_, file, text) => {
    expect(check({ [file]: text })).toEqual([]);
  });
});

describe("circles", () => {
  const importing = (path: string) => `import type { a } from "${path}";`;

  it("of two files", () => {
    const files = { "tools/src/a.ts": importing("./b.ts"), "tools/src/b.ts": importing("./a.ts") };
    expect(check(files)).toEqual(["a circle of imports: tools/src/a.ts ↔ tools/src/b.ts"]);
  });

  it("of folders whose files form none", () => {
    const files = {
      "tools/src/one/a.ts": importing("../two/b.ts"),
      "tools/src/two/c.ts": importing("../one/d.ts"),
    };
    expect(check(files)).toEqual(["a circle of imports: tools/src/one ↔ tools/src/two"]);
  });

  it("of a folder and a file beside it, the long way round", () => {
    const files = {
      "tools/src/one/a.ts": importing("../b.ts"),
      "tools/src/b.ts": importing("./c.ts"),
      "tools/src/c.ts": importing("./one/d.ts"),
    };
    expect(check(files)).toEqual([
      "a circle of imports: tools/src/b.ts ↔ tools/src/c.ts ↔ tools/src/one",
    ]);
  });

  it("not what meets again in one direction", () => {
    const files = {
      "tools/src/a.ts": importing("./b.ts") + importing("./c/d.ts"),
      "tools/src/b.ts": importing("./c/d.ts"),
      "tools/src/c/d.ts": importing("./e.ts"),
    };
    expect(check(files)).toEqual([]);
  });
});

it("a folder that is not known", () => {
  const folders = ["libs", "libs/kit", "libs/helpers", "misc"];
  expect(checkLayout(new Map(), folders)).toEqual([
    "libs/helpers/: a folder that scripts/layout/rules.ts does not know",
    "misc/: a folder that scripts/layout/rules.ts does not know",
  ]);
});
