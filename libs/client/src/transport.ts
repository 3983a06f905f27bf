import { apiError } from "./api-error.ts";
import { eventsOf, type ServerSentEvent } from "./server-sent-events.ts";

/** A server and the key to use with it. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
  /** Acts for this tenant with an admin's key of the home tenant, on routes that take it. */
  readonly tenant?: string | undefined;
}

/** Requests to one server with one key. Every method rejects with ApiError for a problem. */
export class Transport {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** An answer with a status of 2xx, its body unread. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.send(path, init);
    if (response.ok) return response;
    throw await apiError(response);
  }

  /** An answer of any status. */
  send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    const { key, tenant } = this.connection;
    headers.set("authorization", `Bearer ${key}`);
    if (tenant !== undefined) headers.set("axial-tenant", tenant);
    return fetch(`${this.connection.url}${path}`, { ...init, headers });
  }

  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await this.request(path, init)).json()) as T;
  }

  /** The server-sent events of `path`, until the server ends them or `signal` is aborted. */
  async *events(path: string, signal?: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const headers = { accept: "text/event-stream" };
    yield* eventsOf(
      await this.request(path, signal === undefined ? { headers } : { headers, signal }),
    );
  }

  /** A JSON body to `path`. */
  post<T>(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<T> {
    return this.json<T>(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }
}
