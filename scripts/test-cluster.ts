import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CLUSTER_TEMPLATE, containersWanted } from "@axial/testkit";

const MAKE = fileURLToPath(new URL("make-test-cluster.ts", import.meta.url));

/**
 * Makes the cluster that the tests' servers are copies of. Vitest calls it once, before the first
 * integration test, and what it returns after the last.
 * @public
 */
export async function setup(): Promise<() => Promise<void>> {
  if (containersWanted()) return async () => {};
  const folder = await mkdtemp(join(tmpdir(), "axial-test-cluster-"));
  await chmod(folder, 0o755);
  // A process of its own: Vitest resolves no module for code that runs beside it.
  await promisify(execFile)(process.execPath, [MAKE, folder]);
  process.env[CLUSTER_TEMPLATE] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
