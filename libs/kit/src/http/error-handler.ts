import {
  AxialError,
  asAxialError,
  type ErrorCode,
  PROBLEM_MEDIA_TYPE,
  toProblem,
} from "@axial/contracts";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { RequestFailure } from "../serialize-error.ts";
import { drained, hasLeft } from "./uploads.ts";

/** Seconds after which a caller may retry a request refused for load. */
const RETRY_AFTER_SECONDS = 5;

/** Fastify's own errors, translated. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "payload-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_ERR_VALIDATION: "invalid-request",
};

/** Whether an untranslated error means that a dependency is temporarily down. */
export type IsOutage = (thrown: unknown) => boolean;

/**
 * Answers any error with a problem document. Internal errors are logged and show no detail. An
 * outage is `unavailable`, with Retry-After.
 */
export function errorHandler(isOutage: IsOutage) {
  return async (
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const error = translate(thrown, isOutage);
    if (hasLeft(request.raw)) {
      request.log.info({ requestId: request.id }, "the sender left before its request was whole");
    } else if (error.status >= 500 && error.code !== "too-busy") {
      request.log.error(
        { err: new RequestFailure(thrown), requestId: request.id, code: error.code },
        "request failed",
      );
    }
    if (error.status === 503 || error.status === 429) {
      reply.header("retry-after", error.retryAfterSeconds ?? RETRY_AFTER_SECONDS);
    }
    if (error.status === 401) reply.header("www-authenticate", 'Bearer realm="axial"');
    if (!(await drained(request.raw))) reply.header("connection", "close");
    return reply
      .code(error.status)
      .type(PROBLEM_MEDIA_TYPE)
      .serializer(JSON.stringify)
      .send(toProblem(error, request.id));
  };
}

function translate(thrown: unknown, isOutage: IsOutage): AxialError {
  if (thrown instanceof AxialError) return thrown;
  const { code, statusCode, message } = thrown as Partial<FastifyError>;
  const known = code === undefined ? undefined : FASTIFY_CODES[code];
  if (known !== undefined) return new AxialError(known, { detail: message ?? "", cause: thrown });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AxialError("invalid-request", { detail: message ?? "", cause: thrown });
  }
  return asAxialError(thrown, isOutage(thrown) ? "unavailable" : "internal");
}
