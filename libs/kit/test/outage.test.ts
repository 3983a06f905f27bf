import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLogger } from "../src/log.ts";
import { OutageLog } from "../src/outage.ts";

/** Of Postgres, which takes longest to fail. */
const CONNECT_TIMEOUT_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("an outage whose every failure takes a time limit is logged once", () => {
  const { outage, lines } = loggedOutage();
  for (let failure = 0; failure < 30; failure += 1) {
    outage.failed(new Error("timeout"));
    vi.advanceTimersByTime(CONNECT_TIMEOUT_MS);
  }
  expect(lines()).toEqual(["dependency fails"]);
});

test("its end is logged when the dependency worked", () => {
  const { outage, lines } = loggedOutage();
  outage.failed(new Error("timeout"));
  outage.worked();
  outage.worked();
  expect(lines()).toEqual(["dependency fails", "dependency works again"]);
});

test("its end is logged when there has been no failure for long", () => {
  const { outage, lines } = loggedOutage();
  outage.failed(new Error("timeout"));
  vi.advanceTimersByTime(60_000);
  expect(lines()).toEqual(["dependency fails", "dependency works again"]);
});

function loggedOutage() {
  const stream = new PassThrough();
  const outage = new OutageLog(createLogger({ service: "test", destination: stream }), "database");
  const lines = () =>
    String(stream.read())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).msg);
  return { outage, lines };
}
