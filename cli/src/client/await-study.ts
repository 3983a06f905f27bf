import { setTimeout as delay } from "node:timers/promises";
import { FINISHED_STUDY_STATES, type StudyView } from "@axial/contracts";
import { type ApiClient, ApiError } from "./api-client.ts";

const POLL_MS = 200;
/** Statuses of a restarting replica, or of a load balancer without one. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Waits until the study has ended, or is held for an operator's decision. Rejects after
 * `withinSeconds`. An unreachable server is polled again: what it acknowledged is safe, and work on
 * it continues.
 */
export async function awaitStudy(
  client: ApiClient,
  uid: string,
  withinSeconds: number,
): Promise<StudyView> {
  const deadline = Date.now() + withinSeconds * 1_000;
  for (;;) {
    const answer = await ask(client, uid);
    if (!(answer instanceof Error) && isSettled(answer)) return answer;
    if (Date.now() > deadline) {
      const reason = answer instanceof Error ? answer.message : `study ${uid} is ${answer.state}`;
      throw new Error(`${reason} after ${withinSeconds} s: see /why`);
    }
    await delay(POLL_MS);
  }
}

function isSettled({ state }: StudyView): boolean {
  return state === "held" || FINISHED_STUDY_STATES.includes(state);
}

/** The study, or why the server was unreachable. Throws errors that a retry would not change. */
async function ask(client: ApiClient, uid: string): Promise<StudyView | Error> {
  try {
    return await client.study(uid);
  } catch (error) {
    // What fetch throws when a connection fails or breaks.
    if (error instanceof TypeError) return error;
    if (error instanceof ApiError && PASSING.has(error.status)) return error;
    throw error;
  }
}
