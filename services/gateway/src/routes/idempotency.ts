import { createHash } from "node:crypto";
import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import type { Database, DatabaseTransaction } from "@axial/store/database";
import { type KeyedRequest, keepAnswer, readKeptAnswer } from "@axial/store/keys";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";

export const IdempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

/** A route's answer. */
export interface Answer<Body extends object, Status extends number = 200 | 202> {
  readonly status: Status;
  readonly body: Body;
}

/**
 * The request by its `Idempotency-Key` and what it asks for: its address and `content`. Null for
 * one without a key.
 */
export function keyedRequest(
  request: FastifyRequest<{ Headers: { "idempotency-key"?: string } }>,
  content: string | Uint8Array,
): KeyedRequest | null {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return null;
  const { tenant } = principalOf(request);
  const fingerprint = createHash("sha256").update(`${request.url}\n`).update(content).digest("hex");
  return { tenant, key, fingerprint };
}

/**
 * Returns the stored answer to an earlier identical request, or else the answer of `act`, and
 * stores it. Throws `conflict` for a key used by a different request. An act that failed, or whose
 * process died, leaves no key behind: either `db` is a transaction that undoes it, or the same
 * request does the same thing again.
 */
export async function answerOnce<Body extends object, Status extends number>(
  db: Database | DatabaseTransaction,
  request: KeyedRequest | null,
  act: () => Promise<Answer<Body, Status>>,
): Promise<Answer<Body, Status>> {
  if (request === null) return act();
  const kept = await readKeptAnswer(db, request);
  if (kept.status === "other") {
    throw new AxialError("conflict", {
      detail: "this Idempotency-Key was used for another request",
    });
  }
  // The fingerprint names the route, so the stored answer is one of this route's.
  if (kept.status === "answered") return kept.answer as Answer<Body, Status>;
  const answer = await act();
  await keepAnswer(db, request, answer);
  return answer;
}
