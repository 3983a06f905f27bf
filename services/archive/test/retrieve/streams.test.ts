import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ByteBudget } from "../../src/byte-budget.ts";
import { begun, coalesced } from "../../src/retrieve/streams.ts";

async function collect(pieces: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece.toString();
  return text;
}

describe("a body that has begun", () => {
  async function* letters(onEnd: () => void): AsyncGenerator<Buffer> {
    try {
      yield Buffer.from("a");
      yield Buffer.from("b");
    } finally {
      onEnd();
    }
  }

  test("is whole", async () => {
    expect(await collect(await begun(letters(() => {})))).toBe("ab");
  });

  test("fails before anything is sent when its first piece fails", async () => {
    const failing = Readable.from(
      (async function* () {
        yield await Promise.reject<Buffer>(new Error("no pixels"));
      })(),
    );
    await expect(begun(failing)).rejects.toThrow("no pixels");
  });

  test("is closed when its reader leaves before reading", async () => {
    const closed = Promise.withResolvers<void>();
    const body = Readable.from(await begun(letters(closed.resolve)));
    body.destroy();
    await closed.promise;
  });
});

test("small pieces are sent together", async () => {
  const pieces: Buffer[] = [];
  const source = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1_000, 1)));
  for await (const piece of coalesced(source)) pieces.push(piece);
  expect(pieces.map(({ length }) => length)).toEqual([66_000, 34_000]);
});

describe("the byte budget", () => {
  test("lets wait what does not fit, in order, and something too large alone", async () => {
    const budget = new ByteBudget(10);
    const order: string[] = [];
    const first = await budget.take("a", 8);
    const second = budget.take("a", 20).then((release) => {
      order.push("second");
      return release;
    });
    const third = budget.take("a", 1).then((release) => {
      order.push("third");
      return release;
    });
    expect(order).toEqual([]);
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(["second", "third"]);
    (await budget.take("a", 10))();
  });

  test("leaves half to other tenants", async () => {
    const budget = new ByteBudget(10);
    const held = await budget.take("a", 5);
    const more = budget.take("a", 1);
    (await budget.take("b", 5))();
    held();
    (await more)();
  });
});
