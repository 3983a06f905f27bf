import { createHash } from "node:crypto";
import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { claimIdempotencyKey, forgetIdempotencyKey, settleIdempotencyKey } from "@axial/store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { GatewayServices } from "../services.ts";

export const IdempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

type IdempotentRequest = FastifyRequest<{ Headers: { "idempotency-key"?: string } }>;

/**
 * Runs `act` once per `Idempotency-Key`: a repetition gets the first answer again, one that comes
 * while the first still runs, or that asks for something else, is a `conflict`. An act that
 * failed has taken no key.
 */
export async function idempotent(
  { db }: Pick<GatewayServices, "db">,
  { request, reply, content }: { request: IdempotentRequest; reply: FastifyReply; content: string },
  act: () => Promise<Answer>,
): Promise<FastifyReply> {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return send(reply, await act());
  const { tenant } = principalOf(request);
  const fingerprint = createHash("sha256").update(`${request.url}\n${content}`).digest("hex");
  const claim = await claimIdempotencyKey(db, { tenant, key, fingerprint });
  if (claim.status === "answered") return send(reply, claim.answer);
  if (claim.status !== "claimed")
    throw new AxialError("conflict", { detail: REASONS[claim.status] });
  try {
    const answer = await act();
    await settleIdempotencyKey(db, { tenant, key }, answer);
    return send(reply, answer);
  } catch (error) {
    await forgetIdempotencyKey(db, { tenant, key });
    throw error;
  }
}

const REASONS = {
  running: "the first request with this Idempotency-Key is still running",
  other: "this Idempotency-Key was used for another request",
} as const;

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply.code(status).send(body);
}
