import { setTimeout as delay } from "node:timers/promises";
import type { StudyView } from "@axial/contracts";
import type { ApiClient } from "./api-client.ts";

const POLL_MS = 200;

/** Waits until the study is complete or cancelled; rejects after `withinSeconds`. */
export async function awaitStudy(
  client: ApiClient,
  uid: string,
  withinSeconds: number,
): Promise<StudyView> {
  const deadline = Date.now() + withinSeconds * 1_000;
  for (;;) {
    const study = await client.study(uid);
    if (study.state === "complete" || study.state === "cancelled") return study;
    if (Date.now() > deadline) {
      throw new Error(`study ${uid} is ${study.state} after ${withinSeconds} s: see /why`);
    }
    await delay(POLL_MS);
  }
}
