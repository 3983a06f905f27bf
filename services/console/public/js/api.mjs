import { session } from "./session.mjs";

/** An answer that was no success: `code` and `title` of the problem document (RFC 9457). */
class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.action = problem.action ?? "";
  }
}

/**
 * The role of a key, the session's by default, and whether it is of the home tenant. Rejects when
 * the API does not take it.
 *
 * @param {{ key?: string, signal?: AbortSignal }} options
 * @returns {Promise<{ tenant: string, role: string, home: boolean }>}
 */
export async function whoAmI({ key, signal } = {}) {
  const options = signal === undefined ? {} : { signal };
  const answer = await (key === undefined
    ? ask("/api/v1/me", options)
    : askWith(key, "/api/v1/me", options));
  return answer.json();
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function ask(path, options = {}) {
  try {
    return await askWith(await session.bearer(), path, options);
  } catch (error) {
    if (error.status !== 401) throw error;
    const renewed = await session.renewed();
    if (renewed !== null) return askWith(renewed, path, options);
    window.dispatchEvent(new CustomEvent("signed-out"));
    throw error;
  }
}

/**
 * @param {string} key
 * @param {string} path
 * @param {RequestInit} options
 */
async function askWith(key, path, options = {}) {
  const headers = { ...options.headers, authorization: `Bearer ${key}` };
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  throw new ApiError(
    answer.status,
    await answer.json().catch(() => ({ title: answer.statusText })),
  );
}

/**
 * JSON of `GET path`. `query` leaves out what is empty.
 *
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} query
 * @param {RequestInit} options
 * @returns {Promise<any>}
 */
export async function get(path, query = {}, options = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const url = search.size === 0 ? path : `${path}?${search}`;
  return (await ask(url, options)).json();
}

export async function post(path, body = {}) {
  const headers = { "content-type": "application/json" };
  return (await ask(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** A JSON body by any other method, to a route that answers without one. */
export async function send(method, path, body = {}) {
  const headers = { "content-type": "application/json" };
  await ask(path, { method, headers, body: JSON.stringify(body) });
}

/** Bytes of `path` as an address that an `img` or a download may use. */
export async function blobUrl(path, options = {}) {
  return URL.createObjectURL(await (await ask(path, options)).blob());
}

/**
 * Calls `onEvent(name, data)` for each server-sent event until `signal` is aborted or the server
 * ends the stream. EventSource cannot send a key, so the stream is read by hand.
 */
export async function listen(path, signal, onEvent) {
  const answer = await ask(path, { signal, headers: { accept: "text/event-stream" } });
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) dispatch(event, onEvent);
  }
}

function dispatch(event, onEvent) {
  const field = (name) =>
    event
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = field("data");
  if (data !== undefined) onEvent(field("event") ?? "message", JSON.parse(data));
}
