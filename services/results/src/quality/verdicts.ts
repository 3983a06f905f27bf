import type { TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { type AnsweredPrediction, readAnswered, writeFeedback } from "@axial/store/recording";

/** A finding that was seen in a study, about the models that `labelFor` knows a label for. */
export interface Seen {
  readonly studyUid: string;
  /** The label that a prediction should have; null where what was seen says nothing of it. */
  labelFor(prediction: AnsweredPrediction): string | null;
}

interface Reader {
  readonly tenant: TenantId;
  readonly keyId: string;
}

/**
 * Turns what was seen into verdicts on the current answers: `agree` where the label is the predicted
 * one. Returns for each of `seen`, in order, how many predictions it spoke of.
 */
export async function recordSeen(
  db: Database,
  reader: Reader,
  seen: readonly Seen[],
): Promise<number[]> {
  const studies = [...new Set(seen.map(({ studyUid }) => studyUid))];
  const answered = await readAnswered(db, reader.tenant, studies);
  const spoken: number[] = [];
  for (const { studyUid, labelFor } of seen) {
    let verdicts = 0;
    for (const prediction of answered.get(studyUid) ?? []) {
      const label = labelFor(prediction);
      if (label === null) continue;
      const verdict = label === prediction.predicted ? "agree" : "disagree";
      const said = { prediction: prediction.id, verdict, label, comment: null } as const;
      if (await writeFeedback(db, { ...reader, ...said })) verdicts += 1;
    }
    spoken.push(verdicts);
  }
  return spoken;
}
