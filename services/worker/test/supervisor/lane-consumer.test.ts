import { PassThrough } from "node:stream";
import { createLogger, type Queues, type TakenJob } from "@axial/kit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LaneConsumer } from "../../src/supervisor/lane-consumer.ts";

const logger = createLogger({ service: "test", destination: new PassThrough() });
const LONG_MS = 60_000;

/** A queue with one job waiting that answers when it is told to, and who consumes it. */
function slowQueue() {
  const answer = Promise.withResolvers<void>();
  const handlers: ((job: TakenJob) => Promise<void>)[] = [];
  const consumer = { pause: async () => {}, resume: () => {}, close: async () => {} };
  const queues = {
    counts: async () => {
      await answer.promise;
      return { waiting: 1, active: 0 };
    },
    consume: (_queue: string, _options: object, handler: (job: TakenJob) => Promise<void>) => {
      handlers.push(handler);
      return consumer;
    },
  } as unknown as Queues;
  return { queues, handlers, answer };
}

describe("the consumer of a lane", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = (queues: Queues) =>
    new LaneConsumer({ lane: "stat", concurrency: 2, queues, logger, handle: async () => {} });

  it("is replaced once, however often the watch asks a queue that does not answer", async () => {
    const { queues, handlers, answer } = slowQueue();
    const lane = open(queues);
    vi.advanceTimersByTime(LONG_MS);
    const watches = [lane.watch(), lane.watch(), lane.watch()];
    answer.resolve();
    await Promise.all(watches);
    expect(handlers).toHaveLength(2);
  });

  it("stays when it took a job while the queue was slow to answer", async () => {
    const { queues, handlers, answer } = slowQueue();
    const lane = open(queues);
    vi.advanceTimersByTime(LONG_MS);
    const watch = lane.watch();
    await handlers[0]?.({ id: "t1-1", data: {}, deliveries: 1 });
    answer.resolve();
    await watch;
    expect(handlers).toHaveLength(1);
  });
});
