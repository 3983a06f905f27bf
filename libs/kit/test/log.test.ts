import { readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { createLogger } from "@axial/kit";
import { describe, expect, it } from "vitest";

async function logged(write: (logger: ReturnType<typeof createLogger>) => void): Promise<string> {
  const stream = new PassThrough();
  write(createLogger({ service: "test", destination: stream }));
  stream.end();
  return text(stream);
}

describe("createLogger", () => {
  it("keeps row values of a database error out of the log", async () => {
    const fromPostgres = Object.assign(new Error('duplicate "DOE^JANE"'), {
      severity: "ERROR",
      code: "23505",
      detail: "Key (patient)=(DOE^JANE) already exists.",
      constraint: "study_key",
    });
    const line = await logged((logger) =>
      logger.error({ err: new Error("could not store", { cause: fromPostgres }) }, "failed"),
    );
    expect(line).not.toContain("DOE");
    expect(line).toContain("23505");
    expect(line).toContain("study_key");
  });

  it.each([
    ["JSON.parse", () => JSON.parse("DOE^JANE")],
    ["the runtime", () => Buffer.alloc("DOE^JANE" as never)],
    ["Intl", () => new Intl.DateTimeFormat("en", { timeZone: "DOE^JANE" })],
    ["the engine", () => "x" in ("DOE^JANE" as never)],
  ])("keeps the value that %s quotes out of the log", async (_what, act) => {
    let thrown: unknown;
    try {
      act();
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain("DOE");
    const failed = new Error("could not read", { cause: thrown });
    const line = await logged((logger) => logger.error({ err: failed }, "failed"));
    expect(line).not.toContain("DOE");
    expect(line).toContain("could not read");
  });

  it("names what the system refused, and no file of a user", async () => {
    const missing = await readFile("/nowhere/DOE^JANE.dcm").catch((error: unknown) => error);
    const line = await logged((logger) => logger.error({ err: missing }, "failed"));
    expect(JSON.parse(line).err).toMatchObject({ code: "ENOENT", message: "open ENOENT" });
    expect(line).not.toContain("DOE");
  });

  it("keeps the code and the frames of an error", async () => {
    const line = await logged((logger) => logger.error({ err: new Error("broken") }, "failed"));
    expect(JSON.parse(line)).toMatchObject({ level: "error", err: { message: "broken" } });
    expect(JSON.parse(line).err.stack).toContain("log.test.ts");
  });
});
