import type { Settled } from "./send-item.ts";

/** A line this often where stderr is no terminal: a log of a weekend stays readable. */
const LINE_EVERY_MS = 30_000;
const REDRAW_EVERY_MS = 250;

/** Progress of a transfer: one line that is rewritten on a terminal, a line now and then elsewhere. */
export interface SendProgress {
  add(settled: readonly Settled[]): void;
  /** A line about what happens meanwhile. */
  say(text: string): void;
  done(): void;
}

export function sendProgress(
  stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  now: () => number = Date.now,
): SendProgress {
  const terminal = stream.isTTY === true;
  const every = terminal ? REDRAW_EVERY_MS : LINE_EVERY_MS;
  const started = now();
  let shownAt = started;
  const counts = { items: 0, sent: 0, known: 0, trouble: 0, bytes: 0 };
  const line = () => {
    const seconds = Math.max((now() - started) / 1_000, 0.001);
    const rate = Math.round(counts.items / seconds);
    const megabytes = Math.round(counts.bytes / 1e6);
    return (
      `${counts.items} read, ${counts.sent} sent (${megabytes} MB), ${counts.known} known, ` +
      `${counts.trouble} refused or unreadable; ${rate}/s`
    );
  };
  return {
    add: (settled) => {
      for (const { outcome, stats, name } of settled) {
        counts.items += 1;
        if (outcome.state === "new") {
          counts.sent += 1;
          if (name.entry === null) counts.bytes += stats.bytes;
        } else if (outcome.state === "known") counts.known += 1;
        else if (outcome.state !== "not-dicom" && outcome.state !== "skipped") counts.trouble += 1;
      }
      if (now() - shownAt < every) return;
      shownAt = now();
      stream.write(terminal ? `\r\x1b[K${line()}` : `${line()}\n`);
    },
    say: (text) => {
      stream.write(`${terminal ? "\r\x1b[K" : ""}axial: ${text}\n`);
    },
    done: () => {
      if (terminal) stream.write("\r\x1b[K");
    },
  };
}
