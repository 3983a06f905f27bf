import type { StudyView } from "@axial/contracts";
import { FINISHED_STUDY_STATES } from "@axial/contracts/states";
import { ApiError } from "./api-error.ts";

const POLL_MS = 200;
/** Statuses of a restarting replica, or of a load balancer without one. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

interface StudyReader {
  get(uid: string): Promise<StudyView>;
}

/**
 * Waits until the study has ended, or is held for an operator's decision. Rejects after
 * `withinSeconds`. An unreachable server is polled again: what it acknowledged is safe, and work on
 * it continues.
 */
export async function awaitSettled(
  studies: StudyReader,
  uid: string,
  withinSeconds: number,
): Promise<StudyView> {
  const deadline = Date.now() + withinSeconds * 1_000;
  for (;;) {
    const answer = await ask(studies, uid);
    if (!(answer instanceof Error) && isSettled(answer)) return answer;
    if (Date.now() > deadline) {
      const reason = answer instanceof Error ? answer.message : `study ${uid} is ${answer.state}`;
      throw new Error(`${reason} after ${withinSeconds} s: see /why`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isSettled({ state }: StudyView): boolean {
  return state === "held" || FINISHED_STUDY_STATES.includes(state);
}

/** The study, or why the server was unreachable. Throws errors that a retry would not change. */
async function ask(studies: StudyReader, uid: string): Promise<StudyView | Error> {
  try {
    return await studies.get(uid);
  } catch (error) {
    // What fetch throws when a connection fails or breaks.
    if (error instanceof TypeError) return error;
    if (error instanceof ApiError && PASSING.has(error.status)) return error;
    throw error;
  }
}
