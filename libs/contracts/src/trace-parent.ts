import { Type } from "typebox";

/** Where the work belongs in a trace: W3C Trace Context, version 00. Left out without tracing. */
export const TraceParentSchema = Type.String({
  pattern: "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
});
