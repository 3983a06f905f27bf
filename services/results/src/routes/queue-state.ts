import type { Queues } from "@axial/kit";
import { type Static, Type } from "typebox";
import { Nullable } from "./common.ts";

export const QueueStateSchema = Type.Object({
  refuses: Nullable(Type.String({ description: "why it takes no writes" })),
  memory: Nullable(
    Type.Object({
      usedBytes: Type.Number(),
      limitBytes: Type.Number({ description: "0 for none" }),
      policy: Type.String(),
      evicts: Type.Boolean({ description: "it may drop jobs" }),
    }),
  ),
});

/** What the queue says of itself; a queue that is away is a reason. */
export async function queueState(queues: Queues): Promise<Static<typeof QueueStateSchema>> {
  const [refuses, memory] = await Promise.all([
    queues.ping().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message || error.name : "unknown"),
    ),
    queues.memory().catch(() => null),
  ]);
  return { refuses, memory };
}
