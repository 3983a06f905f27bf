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

  it("keeps the code and the frames of an error", async () => {
    const line = await logged((logger) => logger.error({ err: new Error("broken") }, "failed"));
    expect(JSON.parse(line)).toMatchObject({ level: "error", err: { message: "broken" } });
    expect(JSON.parse(line).err.stack).toContain("log.test.ts");
  });
});
