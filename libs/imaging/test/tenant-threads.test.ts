import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { TenantThreads } from "../src/index.ts";

const SCRIPT = pathToFileURL(`${import.meta.dirname}/echo-thread.ts`);

describe("threads that serve tenants in turns", () => {
  const threads = new TenantThreads<string, string>(SCRIPT, {
    ...{ threads: 1, timeoutMs: 60_000 },
    maxWaitingEach: 3,
  });
  afterAll(() => threads.close());

  it("serve another tenant after one piece, however many wait", async () => {
    const order: string[] = [];
    const piece = (tenant: string, name: string) =>
      threads.run(tenant, () => name).then((done) => order.push(done));
    await Promise.all([piece("a", "a1"), piece("a", "a2"), piece("a", "a3"), piece("b", "b1")]);
    expect(order).toEqual(["a1", "a2", "b1", "a3"]);
  });

  it("take no more than a tenant's share of what may wait", async () => {
    const run = (tenant: string) => threads.run(tenant, () => "x");
    const taken = [run("a"), run("a"), run("a"), run("a")];
    await expect(run("a")).rejects.toThrow(expect.objectContaining({ code: "too-busy" }));
    await expect(run("b")).resolves.toBe("x");
    await expect(Promise.all(taken)).resolves.toHaveLength(4);
  });

  it("copy nothing before its turn comes", async () => {
    let made = 0;
    const run = () => {
      const command = () => {
        made += 1;
        return "x";
      };
      return threads.run("a", command);
    };
    const taken = [run(), run(), run()];
    expect(made).toBe(1);
    await Promise.all(taken);
    expect(made).toBe(3);
  });

  it("keep a turn until its result is used", async () => {
    const order: string[] = [];
    const released = Promise.withResolvers<void>();
    const first = threads.runAndUse(
      "a",
      () => "first",
      async (result) => {
        await released.promise;
        order.push(result);
      },
    );
    const second = threads.run("b", () => "second").then((result) => order.push(result));
    await new Promise((resolve) => setImmediate(resolve));
    released.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
  });
});

const ONLY_ON_LINUX = { skip: process.platform !== "linux", meta: { lacks: ["Linux"] } };

it("a thread lowers its own priority alone", ONLY_ON_LINUX, async () => {
  const threads = new TenantThreads<null, { own: number; others: number }>(
    pathToFileURL(`${import.meta.dirname}/priority-thread.ts`),
    { threads: 1, timeoutMs: 60_000, maxWaitingEach: 1 },
  );
  const { own, others } = await threads.run("a", () => null);
  expect(own).toBeGreaterThan(others);
  await threads.close();
});
