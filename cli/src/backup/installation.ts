import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import { reachLocalPostgres } from "@axial/local-postgres";

/** An installation: a cluster's addresses, or this machine's data folder. */
interface Installation {
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/**
 * Opens the installation that AXIAL_DATABASE_URL and AXIAL_BLOB_URL name; where one is not set, the
 * data folder of `axial up` is used, and its PostgreSQL is started if it is not running.
 */
export async function openInstallation(
  dataFolder: string,
  environment: NodeJS.ProcessEnv,
): Promise<Installation> {
  const data = resolve(dataFolder);
  const blobUrl = environment.AXIAL_BLOB_URL ?? pathToFileURL(join(data, "blobs")).href;
  const blobs = openBlobStore(blobUrl);
  const given = environment.AXIAL_DATABASE_URL;
  if (given !== undefined) return { databaseUrl: given, blobs, close: async () => {} };
  const server = await reachLocalPostgres({ folder: join(data, "postgres"), durable: true });
  return { databaseUrl: await server.database("axial"), blobs, close: () => server.stop() };
}

/** Throws when neither addresses nor a data folder name an installation. */
export function demandInstallation(dataFolder: string, environment: NodeJS.ProcessEnv): void {
  if (environment.AXIAL_DATABASE_URL !== undefined || existsSync(dataFolder)) return;
  throw new Error(`nothing at ${dataFolder}: pass --data, or set AXIAL_DATABASE_URL`);
}
