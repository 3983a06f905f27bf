import type { Problem, StudyView } from "@axial/contracts";
import type { Connection } from "./connection.ts";

/** A server that asks for more is asked again after this. */
const LONGEST_RETRY_AFTER_MS = 600_000;

/** Thrown when the server answers with a problem; `code` is its stable code. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** What Retry-After says; null where it says nothing. */
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfterMs: number | null = null) {
    const text = [problem.title ?? `HTTP ${status}`, problem.detail, problem.action];
    super(text.filter((part) => part !== undefined).join(" — "));
    this.name = "ApiError";
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.code = problem.code ?? `http-${status}`;
  }
}

/** The JSON API as the commands use it. Every method throws ApiError. */
export class ApiClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.#connection.key}`);
    const response = await fetch(`${this.#connection.url}${path}`, { ...init, headers });
    if (response.ok) return response;
    throw await apiError(response);
  }

  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await this.request(path, init)).json()) as T;
  }

  /** A JSON body to `path`. */
  post<T>(path: string, body: object = {}): Promise<T> {
    return this.json<T>(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  study(uid: string): Promise<StudyView> {
    return this.json<StudyView>(`/api/v1/studies/${encodeURIComponent(uid)}`);
  }

  closeStudy(uid: string): Promise<unknown> {
    return this.post(`/api/v1/studies/${encodeURIComponent(uid)}/close`);
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
    return { title: `HTTP ${response.status}`, detail: text.slice(0, 200) };
  }
}
