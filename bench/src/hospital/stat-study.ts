import { phantomSeries } from "@axial/testkit";
import type { Hospital } from "./hospital.ts";
import { type Stages, stagesOf } from "./stages.ts";

const SIZE = 320;
const GIVE_UP_AFTER_MS = 300_000;

/** One STAT study from the first byte sent to the result that a reader sees; milliseconds. */
export interface StatStudy {
  /** From the request to its answer. */
  readonly accepted: number;
  /** From the answer to the result. */
  readonly afterAnswer: number;
  /** From the request to the result. */
  readonly total: number;
  readonly stages: Stages;
}

/** Sends a study of one MR image, closed with its request, and waits for its result. */
export async function sendStat(hospital: Hospital, seed: number): Promise<StatStudy> {
  const { studyUid, files } = phantomSeries({ kind: "brain", seed, slices: 1, size: SIZE });
  const [file = Buffer.alloc(0)] = files;
  const started = performance.now();
  const stored = await fetch(`${hospital.gateway}/dicom-web/studies`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${hospital.key}`,
      "content-type": "application/dicom",
      "axial-lane": "stat",
      "axial-close": "true",
    },
    body: new Uint8Array(file),
  });
  await stored.text();
  if (!stored.ok) throw new Error(`the gateway answered ${stored.status}`);
  const answered = performance.now();
  await untilFinished(hospital, studyUid);
  const finished = performance.now();
  return {
    accepted: answered - started,
    afterAnswer: finished - answered,
    total: finished - started,
    stages: await stagesOf(hospital.db, studyUid, { visibleAt: Date.now() }),
  };
}

/** Reads the study's server-sent events up to the last one. */
async function untilFinished({ results, key }: Hospital, studyUid: string): Promise<void> {
  const events = await fetch(`${results}/api/v1/studies/${studyUid}/events`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(GIVE_UP_AFTER_MS),
  });
  if (!(await events.text()).includes("event: end")) throw new Error("the study did not finish");
}
