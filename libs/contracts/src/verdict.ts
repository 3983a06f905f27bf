import { type Static, Type } from "typebox";

/** A reader's feedback on a prediction. */
export const VerdictSchema = Type.Enum(["agree", "disagree", "unsure"]);
export type Verdict = Static<typeof VerdictSchema>;
