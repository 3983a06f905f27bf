import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Names the folder of a cluster and its password that tests start from a copy of. */
export const CLUSTER_TEMPLATE = "AXIAL_TEST_CLUSTER";
/** The database of that cluster in which the schema stands. */
export const SCHEMA_TEMPLATE = "axial_template";
/** The cluster's folder, as `axial up` names it. */
const CLUSTER = "postgres";

/**
 * Puts a cluster into `folder`, as `axial up` keeps it there: to copy one costs a fraction of making
 * one. Returns its folder, or null where there is no template, as outside a test run.
 */
export async function copyCluster(folder: string): Promise<string | null> {
  const template = process.env[CLUSTER_TEMPLATE];
  if (template === undefined) return null;
  await mkdir(folder, { recursive: true });
  // Not Node's own: it would change the owner of the files, which is not root.
  const parts = [CLUSTER, `${CLUSTER}.password`].map((name) => join(template, name));
  await run("cp", ["-a", ...parts, folder]);
  return join(folder, CLUSTER);
}
