import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { AxialError } from "@axial/contracts";
import { processStart } from "./process-start.ts";

/** Names the process that uses a cluster. Beside the cluster: PostgreSQL owns what is inside. */
const NAME = "postgres.lock";

/** A process that died, and left its claim, is met once; a claim that changes hands, seldom. */
const TRIES = 5;

/**
 * Claims a cluster's folder for this process, or throws `conflict` with the pid of the living
 * process that has it. A claim that a dead process left is taken over, whoever has its pid now;
 * this process may claim again what it has. Gives what ends the claim. `askedFor` is the folder as
 * its user knows it.
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

/** False when there is such a file already: of two who try at once, one succeeds. */
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

/** Removes the claim that `holder` left, and no other: somebody may have been faster. */
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
    detail: `${dirname(resolve(folder))} is in use by process ${pid}: stop that one, or choose another folder`,
  });
}
