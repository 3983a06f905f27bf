import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { at, listAt } from "../src/kubernetes-object.ts";
import { KUBERNETES } from "../src/kustomize.ts";

/** What a worker's pod asks for, in base and in overlays/gpu-mig. */
const GPU = "nvidia.com/gpu";

const values = parse(
  await readFile(join(KUBERNETES, "examples/nvidia-device-plugin-values.yaml"), "utf8"),
) as { config: { default: string; map: Record<string, string> } };
const sharing = (name: string) => parse(values.config.map[name] ?? "");

describe("how a GPU is shared", () => {
  it("has a default that is there", () => {
    expect(Object.keys(values.config.map)).toContain(values.config.default);
  });

  it("gives the slices that overlays/gpu-mig asks for names of their own", async () => {
    expect(at(sharing("mig"), "flags.migStrategy")).toBe("mixed");
    const overlay = await readFile(join(KUBERNETES, "overlays/gpu-mig/kustomization.yaml"), "utf8");
    expect(overlay).toContain("nvidia.com~1mig-");
  });

  it.each(["mps", "timeSlicing"])("offers more of what workers ask for by %s", (kind) => {
    const name = kind === "mps" ? "mps" : "time-slicing";
    const [resource] = listAt(sharing(name), `sharing.${kind}.resources`);
    expect(at(resource, "name")).toBe(GPU);
    expect(at(resource, "replicas")).toBeGreaterThan(1);
  });
});
