import { progressBar } from "../output.ts";
import { ApiClient } from "./api-client.ts";
import type { Connection } from "./connection.ts";
import { findDicomFiles, intoRequests } from "./find-files.ts";
import { type RejectedInstance, storeInstances } from "./store-instances.ts";

export interface SentPaths {
  readonly studies: readonly string[];
  readonly stored: number;
  readonly rejected: readonly RejectedInstance[];
  readonly leftOut: number;
}

/** Sends every DICOM file under `paths` and, on request, closes their studies. */
export async function sendPaths(
  connection: Connection,
  paths: readonly string[],
  options: { readonly lane: string; readonly close: boolean },
): Promise<SentPaths> {
  const { files, leftOut } = await findDicomFiles(paths);
  const progress = progressBar("sending", files.length);
  const studies = new Set<string>();
  const rejected: RejectedInstance[] = [];
  let stored = 0;
  for (const request of intoRequests(files)) {
    const outcome = await storeInstances(connection, request, { lane: options.lane });
    for (const uid of outcome.studies) studies.add(uid);
    rejected.push(...outcome.rejected);
    stored += outcome.stored;
    progress.advance(request.length);
  }
  progress.done();
  if (options.close) {
    const client = new ApiClient(connection);
    await Promise.all([...studies].map((uid) => client.closeStudy(uid)));
  }
  return { studies: [...studies], stored, rejected, leftOut };
}
