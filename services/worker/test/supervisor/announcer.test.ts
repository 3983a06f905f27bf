import { PassThrough } from "node:stream";
import type { ResultMessage } from "@axial/contracts";
import { createLogger } from "@axial/kit";
import { expect, it } from "vitest";
import { Announcer } from "../../src/supervisor/announcer.ts";

const NEVER = new Promise<void>(() => {});

function announcerWith(send: (message: ResultMessage) => Promise<void>): Announcer {
  return new Announcer({
    worker: "w1",
    pool: "cpu",
    capacity: 4,
    lanes: ["routine"],
    sender: { send },
    logger: createLogger({ service: "test", destination: new PassThrough() }),
    state: () => ({ status: "starting" }),
    held: () => ({ routine: 3 }),
  });
}

it("says good-bye with a capacity of nothing", async () => {
  const sent: ResultMessage[] = [];
  await announcerWith(async (message) => void sent.push(message)).close();
  expect(sent).toMatchObject([{ kind: "worker", worker: "w1", capacity: 0, held: { routine: 3 } }]);
});

it("is closed although the queue does not take the good-bye, or refuses it", async () => {
  await announcerWith(() => NEVER).close();
  await announcerWith(() => Promise.reject(new Error("down"))).close();
});
