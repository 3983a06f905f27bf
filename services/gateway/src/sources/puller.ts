import { type AxialError, asAxialError } from "@axial/contracts";
import { backoffMs, type Logger } from "@axial/kit";
import { startLoop } from "@axial/kit/loops";
import {
  type DuePull,
  extendPull,
  type PullOutcome,
  readSources,
  type SourceRow,
  settlePull,
  takePulls,
} from "@axial/store/sources";
import type { Dependencies } from "../dependencies.ts";
import { openSource } from "./open-source.ts";
import { pullStudy } from "./pull-study.ts";

/** A pull whose gateway died is due again after this; one that takes longer prolongs it. */
const LEASE_SECONDS = 60;
const IDLE_MS = 1_000;
/** Attempts in a row that brought nothing before a pull is given up: some ten minutes. */
const MAX_FAILURES = 12;
/** An archive that cannot be reached is tried for as long as a weekend's maintenance lasts. */
const UNREACHABLE_FOR_MS = 3 * 24 * 3_600_000;

interface Puller {
  wake(): void;
  /** Gives up what is under way; it is due again at once. */
  close(): Promise<void>;
}

/** Brings here what is to be pulled, of each source as many studies at once as it allows. */
export function startPuller(dependencies: Dependencies): Puller {
  const logger = dependencies.logger.child({ component: "pulls" });
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const loop = startLoop({ name: "pulls", idleMs: IDLE_MS, logger }, async () => {
    const due = await takePulls(dependencies.db, LEASE_SECONDS);
    const sources = await readSources(
      dependencies.db,
      due.map(({ source }) => source),
    );
    for (const pull of due) {
      const source = sources.get(pull.source);
      if (source === undefined) continue;
      const one = new Attempt(dependencies, { pull, source, logger }).run(closing.signal);
      const tracked = one.finally(() => {
        running.delete(tracked);
        loop.wake();
      });
      running.add(tracked);
    }
    return false;
  });
  return {
    wake: () => loop.wake(),
    close: async () => {
      closing.abort();
      await loop.close();
      await Promise.all(running);
    },
  };
}

interface AttemptOptions {
  readonly pull: DuePull;
  readonly source: SourceRow;
  readonly logger: Logger;
}

/** One attempt at one study, under its lease. */
class Attempt {
  readonly #dependencies: Dependencies;
  readonly #pull: DuePull;
  readonly #source: SourceRow;
  readonly #logger: Logger;
  #found: number | null = null;
  #present: number;

  constructor(dependencies: Dependencies, { pull, source, logger }: AttemptOptions) {
    this.#dependencies = dependencies;
    this.#pull = pull;
    this.#source = source;
    this.#logger = logger;
    this.#present = pull.present;
  }

  /** Resolves when the attempt is settled; without a database it is due again when its lease ends. */
  async run(closing: AbortSignal): Promise<void> {
    const { db, guard, metrics } = this.#dependencies;
    const over = new AbortController();
    const signal = AbortSignal.any([closing, over.signal]);
    const lease = setInterval(
      () => {
        // A pull that was cancelled, or taken by another after an outage, is let go.
        extendPull(db, this.#pull, LEASE_SECONDS).then(
          (held) => held || over.abort(),
          () => {},
        );
      },
      (LEASE_SECONDS * 1_000) / 3,
    );
    const outcome = await pullStudy(this.#dependencies, {
      ...{ pull: this.#pull, source: this.#source },
      port: openSource(this.#source, { guard, signal }),
      onPresent: (found, present) => {
        this.#found = found;
        this.#present = present;
      },
    }).then(
      (pulled): PullOutcome => ({ ...pulled, state: "done" }),
      (error: unknown) => this.#failed(error, closing),
    );
    clearInterval(lease);
    metrics.pullsTotal.inc({ kind: this.#source.kind, outcome: outcome.state });
    await settlePull(db, this.#pull, outcome).catch((err: unknown) =>
      this.#logger.warn({ err, pull: this.#pull.id }, "a pull was not settled"),
    );
  }

  #failed(thrown: unknown, closing: AbortSignal): PullOutcome {
    const error = asAxialError(thrown);
    const { id } = this.#pull;
    const counts = { found: this.#found, present: this.#present };
    if (closing.aborted) return { ...counts, state: "waiting", ...atOnce(this.#pull) };
    if (error.code === "internal") {
      this.#logger.error({ err: thrown, pull: id }, "a pull failed within Axial");
    }
    const outcome = { ...counts, ...this.#nextStep(error) };
    this.#logger.warn({ pull: id, state: outcome.state, reason: outcome.error }, "not pulled");
    return outcome;
  }

  /** Tried again, unless it failed too often without bringing anything or was unreachable too long. */
  #nextStep(thrown: AxialError) {
    const { code, detail, message } = thrown;
    const error = code === "internal" ? "an internal error" : (detail ?? message);
    if (code === "not-found") return { state: "failed", error } as const;
    const progress = this.#present > this.#pull.present;
    const failures = progress ? 1 : this.#pull.failures + 1;
    const age = Date.now() - this.#pull.createdAt.getTime();
    const mayPass = code === "peer-unreachable" && age < UNREACHABLE_FOR_MS;
    if (failures >= MAX_FAILURES && !mayPass) return { state: "failed", error } as const;
    return {
      state: "waiting",
      error,
      failures,
      pauseMs: backoffMs(failures, Math.random),
    } as const;
  }
}

/** The process ends: another takes it, and the attempt does not count. */
function atOnce({ failures }: DuePull) {
  return { error: "the gateway was restarted", failures, pauseMs: 0 };
}
