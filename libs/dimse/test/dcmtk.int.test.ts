import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { instanceFacts, readInstance } from "@axial/dicom";
import { eventually, needs, phantomSeries } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DimseServer, type IncomingInstance, listenDimse, Status } from "../src/index.ts";

const run = promisify(execFile);

describe("an SCP that dcmtk talks to", needs("dcmtk"), () => {
  let folder: string;
  let server: DimseServer;
  const received: { readonly instance: IncomingInstance; readonly bytes: Buffer }[] = [];
  const ended: string[] = [];
  const troubles: Error[] = [];
  const files: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-dimse-"));
    const { files: phantoms } = phantomSeries({ kind: "brain", slices: 5, size: 256 });
    for (const [index, bytes] of phantoms.entries()) {
      const path = join(folder, `${index}.dcm`);
      await writeFile(path, bytes);
      files.push(path);
    }
    server = await listenDimse({
      host: "127.0.0.1",
      port: 0,
      associate: async ({ callingAeTitle, calledAeTitle }) => {
        if (calledAeTitle !== "AXIAL")
          return { status: "rejected", reason: "called-ae-not-recognized" };
        if (callingAeTitle === "STRANGER")
          return { status: "rejected", reason: "calling-ae-not-recognized" };
        return {
          status: "accepted",
          session: {
            store: async (instance) => {
              const chunks: Buffer[] = [];
              for await (const chunk of instance.body) chunks.push(chunk);
              received.push({ instance, bytes: Buffer.concat(chunks) });
              return callingAeTitle === "FULL"
                ? { status: Status.outOfResources, comment: "no room" }
                : { status: Status.success };
            },
            commit: async (request) => ({ ...request, failed: [] }),
            committed: async () => false,
            reportLater: () => {},
            end: (how) => ended.push(how),
          },
        };
      },
      trouble: (error) => troubles.push(error),
    });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const scu = (tool: string, args: readonly string[], calling = "DCMTK", called = "AXIAL") =>
    run(tool, ["-aet", calling, "-aec", called, "127.0.0.1", String(server.port), ...args]);

  test("answers C-ECHO", async () => {
    await scu("echoscu", []);
  });

  test("takes a series as it was sent, byte for byte, and sees its end", async () => {
    received.length = 0;
    ended.length = 0;
    await scu("storescu", files);
    expect(received).toHaveLength(files.length);
    await eventually("the release", async () => ended.length > 0, 10_000);
    expect(new Set(ended)).toEqual(new Set(["released"]));
    const [first] = received;
    const facts = instanceFacts(readInstance(first?.bytes ?? Buffer.alloc(0)));
    expect(facts.sopInstanceUid).toBe(first?.instance.sopInstanceUid);
    expect(facts.rows).toBe(256);
  });

  test("says why an instance is not stored", async () => {
    const answer = await scu("storescu", ["-v", files[0] ?? ""], "FULL").catch((error) => error);
    expect(`${answer.stdout}${answer.stderr}`).toMatch(/OutOfResources/);
  });

  test("rejects strangers at association", async () => {
    const calling = await scu("echoscu", ["-v"], "STRANGER").catch((error) => error);
    expect(`${calling.stderr}`).toMatch(/Calling AE Title Not Recognized/);
    const called = await scu("echoscu", ["-v"], "DCMTK", "OTHER").catch((error) => error);
    expect(`${called.stderr}`).toMatch(/Called AE Title Not Recognized/);
  });
});
