import type { Problem } from "@axial/contracts";

/** A server that asks for more is asked again after this. */
const LONGEST_RETRY_AFTER_MS = 600_000;
/** Of an answer that is not a problem document, such as a proxy's page. */
const SHOWN_CHARACTERS = 200;

/** Thrown when the server answers with a problem (RFC 9457); `code` is its stable code. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** What the server says, field by field; `message` has it in a line. */
  readonly problem: Partial<Problem>;
  /** What Retry-After says; null where it says nothing. */
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfterMs: number | null = null) {
    const text = [problem.title ?? `HTTP ${status}`, problem.detail, problem.action];
    super(text.filter((part) => part !== undefined).join(" — "));
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
    this.code = problem.code ?? `http-${status}`;
  }
}

/** The error that an answer is, a proxy's HTML included. */
export async function apiError(response: Response): Promise<ApiError> {
  const retryAfter = retryAfterMs(response.headers.get("retry-after"));
  return new ApiError(response.status, await problemOf(response), retryAfter);
}

/** Seconds, or a date (RFC 9110 10.2.3); null for anything else. */
function retryAfterMs(header: string | null, now: number = Date.now()): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

async function problemOf(response: Response): Promise<Partial<Problem>> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return { title: `HTTP ${response.status}`, detail: text.slice(0, SHOWN_CHARACTERS) };
  }
}
