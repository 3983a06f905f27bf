import { createHash } from "node:crypto";
import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { claimIdempotencyKey, forgetIdempotencyKey, settleIdempotencyKey } from "@axial/store";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { GatewayServices } from "../services.ts";

export const IdempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

/** What a route answers. */
export interface Answer<Body extends object> {
  readonly status: 200 | 202;
  readonly body: Body;
}

interface IdempotentRequest {
  readonly request: FastifyRequest<{ Headers: { "idempotency-key"?: string } }>;
  /** What the request asks for beside its address. */
  readonly content: string | Uint8Array;
}

/**
 * Runs `act` once per `Idempotency-Key`: a repetition gets the first answer again, one that comes
 * while the first still runs, or that asks for something else, is a `conflict`. An act that
 * failed has taken no key.
 */
export async function idempotent<Body extends object>(
  { db }: Pick<GatewayServices, "db">,
  { request, content }: IdempotentRequest,
  act: () => Promise<Answer<Body>>,
): Promise<Answer<Body>> {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return act();
  const { tenant } = principalOf(request);
  const fingerprint = createHash("sha256").update(`${request.url}\n`).update(content).digest("hex");
  const claim = await claimIdempotencyKey(db, { tenant, key, fingerprint });
  // The fingerprint names the route, so the stored answer is one of this route's.
  if (claim.status === "answered") return claim.answer as Answer<Body>;
  if (claim.status !== "claimed") throw new AxialError("conflict", { detail: CLASH[claim.status] });
  try {
    const answer = await act();
    await settleIdempotencyKey(db, { tenant, key }, answer);
    return answer;
  } catch (error) {
    await forgetIdempotencyKey(db, { tenant, key });
    throw error;
  }
}

const CLASH = {
  running: "the first request with this Idempotency-Key is still running",
  other: "this Idempotency-Key was used for another request",
} as const;
