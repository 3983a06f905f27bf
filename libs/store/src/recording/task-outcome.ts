import type { Insertable } from "kysely";
import type { AttemptRecord, PredictionTable, RefusalTable } from "../schema.ts";
import type { LockedTask } from "./locked-task.ts";

/** What a failed attempt records on its task. */
export interface FailureMark {
  readonly code: string;
  readonly detail: string | null;
  readonly failures: number;
  readonly isolate: boolean;
  readonly history: readonly AttemptRecord[];
}

/** The change that one attempt's outcome makes to its task. */
export type TaskOutcome =
  | {
      readonly kind: "done";
      readonly task: LockedTask;
      readonly prediction: Insertable<PredictionTable>;
    }
  | {
      readonly kind: "refused";
      readonly task: LockedTask;
      readonly refusal: Insertable<RefusalTable>;
    }
  | {
      readonly kind: "retry";
      readonly task: LockedTask;
      readonly mark: FailureMark;
      readonly notBefore: Date;
    }
  | { readonly kind: "dead"; readonly task: LockedTask; readonly mark: FailureMark };
