import {
  type AxialError,
  asAxialError,
  type NewerInstancePolicy,
  type StudyId,
} from "@axial/contracts";
import { withdrawJobs } from "@axial/kit";
import type { NewInstance } from "@axial/store/ingest";
import { newerInstancePolicy } from "@axial/store/tenants";
import { replaceInstance } from "@axial/store/versions";
import type { Dependencies } from "../dependencies.ts";
import type { Sender } from "./record-stores.ts";

interface NewerVersionOptions {
  readonly sender: Sender;
  /** Of the way that it came; as its tenant says without it. */
  readonly newerInstance?: NewerInstancePolicy | null;
}

/**
 * Stores a newer version of an instance as the policy says. Returns its study, or null
 * where it is to be refused: by the policy, or because the stored one may not be let go.
 */
export async function takeNewerVersion(
  { db, blobs, queues }: Pick<Dependencies, "db" | "blobs" | "queues">,
  instance: NewInstance,
  { sender: { keyId, address }, newerInstance }: NewerVersionOptions,
): Promise<StudyId | null> {
  const policy = newerInstance ?? (await newerInstancePolicy(db, instance.tenant));
  if (policy === "reject") return null;
  try {
    const by = { principal: { tenant: instance.tenant, keyId }, address };
    const { study, jobs } = await replaceInstance(db, blobs, { instance, policy, by });
    await withdrawJobs(queues, jobs);
    return study;
  } catch (thrown) {
    const error: AxialError = asAxialError(thrown);
    if (error.code !== "conflict") throw thrown;
    return null;
  }
}
