import { expect, test } from "vitest";
import type { ItemOutcome } from "../../src/send/item-outcome.ts";
import { sendProgress } from "../../src/send/send-progress.ts";

const SECOND = 1_000;

/** A stream that keeps what is written, and a clock that stands until it is set. */
function progressOn(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const progress = sendProgress(stream, () => now);
  return { progress, written, at: (seconds: number) => (now = seconds * SECOND) };
}

function settled(state: ItemOutcome["state"]) {
  const name = { path: Buffer.from("a"), entry: null, place: 0 };
  const outcome = { state, code: null, hash: null, study: null, instance: null };
  return { name, stats: { bytes: 2_000_000, modifiedMs: 0 }, outcome };
}

test("without a terminal, a line every half minute, and no control characters", () => {
  const { progress, written, at } = progressOn(false);
  at(29);
  progress.add([settled("new"), settled("known")]);
  expect(written).toEqual([]);
  at(30);
  progress.add([settled("refused"), settled("not-dicom")]);
  at(59);
  progress.add([settled("new")]);
  at(61);
  progress.add([settled("new")]);
  progress.say("the server answers again");
  progress.done();
  expect(written).toEqual([
    "4 read, 1 sent (2 MB), 1 known, 1 refused or unreadable; 0/s\n",
    "6 read, 3 sent (6 MB), 1 known, 1 refused or unreadable; 0/s\n",
    "axial: the server answers again\n",
  ]);
});

test("on a terminal, one line that is written anew", () => {
  const { progress, written, at } = progressOn(true);
  at(1);
  progress.add([settled("new")]);
  progress.done();
  expect(written).toEqual([
    "\r\x1b[K1 read, 1 sent (2 MB), 0 known, 0 refused or unreadable; 1/s",
    "\r\x1b[K",
  ]);
});
