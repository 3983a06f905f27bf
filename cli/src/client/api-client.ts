import type { Problem, StudyView } from "@axial/contracts";
import type { Connection } from "./connection.ts";

/** Thrown when the server answers with a problem; `code` is its stable code. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, problem: Partial<Problem>) {
    const text = [problem.title ?? `HTTP ${status}`, problem.detail, problem.action];
    super(text.filter((part) => part !== undefined).join(" — "));
    this.name = "ApiError";
    this.status = status;
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
    throw new ApiError(response.status, await problemOf(response));
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

async function problemOf(response: Response): Promise<Partial<Problem>> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return { title: `HTTP ${response.status}`, detail: text.slice(0, 200) };
  }
}
