import { once } from "node:events";
import { createServer } from "node:net";
import { Worker } from "node:worker_threads";
import { freePort } from "@axial/local-postgres";
import { describe, expect, it } from "vitest";

describe("a free port", () => {
  it("is different for each caller, before anything listens", async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("is never one given to another process", async () => {
    const count = 95;
    const script = new URL("./ask-for-ports.ts", import.meta.url);
    const askers = Array.from({ length: 20 }, () => new Worker(script));
    for (const asker of askers) asker.postMessage(count);
    const answers = await Promise.all(askers.map((asker) => once(asker, "message")));
    const given = answers.flat(2);
    expect(given).toHaveLength(count * askers.length);
    expect(new Set(given).size).toBe(given.length);
    await Promise.all(askers.map((asker) => asker.terminate()));
  });

  it("is never one that something listens on", async () => {
    const next = (await freePort()) + 1;
    const taken = createServer().listen(next, "127.0.0.1");
    // An error means that another process has it already, which serves as well.
    await new Promise((resolve) => taken.once("listening", resolve).once("error", resolve));
    expect(await freePort()).not.toBe(next);
    taken.close();
  });
});
