import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sbomOf } from "../../docker/sbom.ts";

test("the images' bill of materials has what runs, and nothing that only tests need", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { bomFormat, components } = JSON.parse(sbomOf(root, "working-tree")) as {
    readonly bomFormat: string;
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  expect(bomFormat).toBe("CycloneDX");
  const names = new Set(components.map(({ name }) => name));
  for (const name of ["fastify", "pg", "bullmq", "onnxruntime-node", "jose"]) {
    expect(names).toContain(name);
  }
  for (const name of ["vitest", "oidc-provider", "typescript", "playwright-core"]) {
    expect(names).not.toContain(name);
  }
});
