import { expect, it } from "vitest";
import { isTransientDatabaseError } from "../src/transient-error.ts";

const withCode = (code: string) => Object.assign(new Error("failed"), { code });

it.each([
  ["a connection that is refused", withCode("ECONNREFUSED")],
  ["a name that does not resolve yet", withCode("EAI_AGAIN")],
  ["a server that starts", withCode("57P03")],
  ["a deadlock", withCode("40P01")],
  ["a connection that ended", new Error("Connection terminated unexpectedly")],
])("%s passes", (_, error) => {
  expect(isTransientDatabaseError(error)).toBe(true);
});

it.each([
  ["a wrong password", withCode("28P01")],
  ["a table that is not there", withCode("42P01")],
  ["what is not an error", "ECONNREFUSED"],
])("%s does not", (_, error) => {
  expect(isTransientDatabaseError(error)).toBe(false);
});
