import { ApiError, AxialClient } from "../vendor/client/index.ts";
import { session } from "./session.mjs";

/**
 * The role of a key, the session's by default, and whether it is of the home tenant. Rejects when
 * the API does not take it.
 *
 * @param {{ key?: string, signal?: AbortSignal }} options
 * @returns {Promise<{ tenant: string, role: string, home: boolean }>}
 */
export function whoAmI({ key, signal } = {}) {
  const me = (client) => client.json("/api/v1/me", signal === undefined ? {} : { signal });
  return key === undefined ? ask(me) : askWith(key, me);
}

/**
 * Rejects as `askWith` does; when the session's key is not taken, the session ends.
 *
 * @template Answer
 * @param {(client: AxialClient) => Promise<Answer>} question
 */
async function ask(question) {
  try {
    return await askWith(await session.bearer(), question);
  } catch (error) {
    if (error.status !== 401) throw error;
    const renewed = await session.renewed();
    if (renewed !== null) return askWith(renewed, question);
    window.dispatchEvent(new CustomEvent("signed-out"));
    throw error;
  }
}

/**
 * Asks the server that the page came from. Of a problem, `message` says what happened here and
 * `action` what to do.
 *
 * @template Answer
 * @param {string} key
 * @param {(client: AxialClient) => Promise<Answer>} question
 */
async function askWith(key, question) {
  try {
    return await question(new AxialClient({ url: "", key }));
  } catch (error) {
    if (error instanceof ApiError) {
      const { detail, title, action = "" } = error.problem;
      Object.assign(error, { message: detail ?? title ?? error.message, action });
    }
    throw error;
  }
}

/**
 * JSON of `GET path`. `query` leaves out what is empty.
 *
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} query
 * @param {RequestInit} options
 * @returns {Promise<any>}
 */
export function get(path, query = {}, options = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const url = search.size === 0 ? path : `${path}?${search}`;
  return ask((client) => client.json(url, options));
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export function post(path, body = {}) {
  return ask((client) => client.post(path, body));
}

/** A JSON body by any other method, to a route that answers without one. */
export async function send(method, path, body = {}) {
  const headers = { "content-type": "application/json" };
  await ask((client) => client.request(path, { method, headers, body: JSON.stringify(body) }));
}

/** Bytes of `path` as an address that an `img` or a download may use. */
export async function blobUrl(path, options = {}) {
  const answer = await ask((client) => client.request(path, options));
  return URL.createObjectURL(await answer.blob());
}

/**
 * Calls `onEvent(name, data)` for each server-sent event until `signal` is aborted or the server
 * ends the stream. EventSource cannot send a key.
 */
export function listen(path, signal, onEvent) {
  return ask(async (client) => {
    for await (const { event, data } of client.events(path, signal))
      onEvent(event, JSON.parse(data));
  });
}
