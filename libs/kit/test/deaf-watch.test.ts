import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeafWatch } from "../src/queue/deaf-watch.ts";

const LONG_MS = 60_000;

/** A watch over a queue with one job waiting, which answers when it is told to. */
function slowQueue() {
  const answer = Promise.withResolvers<number>();
  const onDeaf = vi.fn();
  const watch = new DeafWatch({ concurrency: 2, waiting: () => answer.promise, onDeaf });
  return { watch, onDeaf, answer: () => answer.resolve(1) };
}

let open: DeafWatch | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  open?.close();
  vi.useRealTimers();
});

it("a worker is deaf once, however often a queue is asked that does not answer", async () => {
  const { watch, onDeaf, answer } = slowQueue();
  open = watch;
  vi.advanceTimersByTime(LONG_MS);
  const looks = [watch.look(), watch.look(), watch.look()];
  answer();
  await Promise.all(looks);
  expect(onDeaf).toHaveBeenCalledTimes(1);
});

it("a worker that took a job while the queue was slow to answer is not deaf", async () => {
  const { watch, onDeaf, answer } = slowQueue();
  open = watch;
  vi.advanceTimersByTime(LONG_MS);
  const look = watch.look();
  watch.taken()();
  answer();
  await look;
  expect(onDeaf).not.toHaveBeenCalled();
});

it("neither is one that has no room, or is paused", async () => {
  for (const make of [
    (watch: DeafWatch) => [watch.taken(), watch.taken()],
    (watch: DeafWatch) => {
      watch.paused = true;
    },
  ]) {
    const { watch, onDeaf, answer } = slowQueue();
    make(watch);
    answer();
    vi.advanceTimersByTime(LONG_MS);
    await watch.look();
    watch.close();
    expect(onDeaf).not.toHaveBeenCalled();
  }
});
