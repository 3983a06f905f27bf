import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AxialError } from "@axial/contracts";
import { processStart } from "./process-start.ts";

/** Names the process that uses a cluster. Beside the cluster: PostgreSQL owns what is inside. */
const NAME = "postgres.lock";

/** Attempts: a dead process's claim costs one; a claim that changes hands is rare. */
const TRIES = 5;

/**
 * Claims a cluster's folder for this process. Returns a function that ends the claim. Throws
 * `conflict` with the PID of the live owner. A dead process's claim is taken over, even if its PID
 * has been reused; this process may claim its own folder again. `askedFor` is the folder as its
 * user knows it.
 */
export async function claim(folder: string, askedFor: string): Promise<() => Promise<void>> {
  const path = join(dirname(folder), NAME);
  const mine = `${process.pid} ${await processStart(process.pid)}`;
  const written = `${path}.${process.pid}`;
  await writeFile(written, mine);
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (await linked(written, path)) return () => rm(path, { force: true });
      const holder = await readFile(path, "utf8").catch(() => "");
      if (holder !== mine && (await isAlive(holder))) throw inUse(askedFor, holder);
      await setAside(path, holder);
    }
    throw inUse(askedFor, await readFile(path, "utf8"));
  } finally {
    await rm(written, { force: true });
  }
}

/** False when the file exists: of two concurrent attempts one succeeds. */
async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid, start] = holder.split(" ");
  return start !== undefined && (await processStart(Number(pid))) === start;
}

/** Removes the claim of `holder` and no other: another process may have taken over. */
async function setAside(path: string, holder: string): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  await rename(path, aside).catch(() => {});
  const taken = await readFile(aside, "utf8").catch(() => holder);
  if (taken !== holder) await linked(aside, path);
  await rm(aside, { force: true });
}

function inUse(folder: string, holder: string): AxialError {
  const [pid] = holder.split(" ");
  return new AxialError("conflict", {
    detail: `${dirname(resolve(folder))} is in use by process ${pid}: stop that process, or choose another folder`,
  });
}
