import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "./kubernetes-object.ts";

const run = promisify(execFile);

export const KUBERNETES = join(import.meta.dirname, "../k8s");
/** The largest overlay has about 100 kB. */
const MAX_MANIFEST_BYTES = 16 << 20;

export function overlays(): string[] {
  return readdirSync(join(KUBERNETES, "overlays"));
}

/**
 * How kustomize is called here: the program itself or kubectl's copy; null when neither is
 * installed.
 */
export async function findKustomize(): Promise<readonly string[] | null> {
  const candidates = [
    ["kustomize"],
    [join(homedir(), "go/bin/kustomize")],
    ["kubectl", "kustomize"],
  ];
  for (const [program = "", ...args] of candidates) {
    const works = await run(program, [...args, "--help"]).then(
      () => true,
      () => false,
    );
    if (works) return [program, ...args];
  }
  return null;
}

/** Every object of an overlay. */
export function buildOverlay(
  overlay: string,
  kustomize: readonly string[],
): Promise<KubernetesObject[]> {
  return buildFolder(join(KUBERNETES, "overlays", overlay), kustomize);
}

/** Every object that a folder's kustomization builds. Throws kustomize's message. */
export async function buildFolder(
  folder: string,
  kustomize: readonly string[],
): Promise<KubernetesObject[]> {
  const [program = "", ...args] = kustomize;
  const verb = program.endsWith("kustomize") ? ["build"] : [];
  const options = { maxBuffer: MAX_MANIFEST_BYTES };
  const { stdout } = await run(program, [...args, ...verb, folder], options);
  return parseAllDocuments(stdout, { version: "1.1" }).map((document) => document.toJS());
}
