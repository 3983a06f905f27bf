import { setTimeout as delay } from "node:timers/promises";
import { type Lane, newUid } from "@axial/contracts";
import { newSeries } from "./contents.ts";
import type { Door } from "./door.ts";
import type { Ledger, SentSeries, SentStudy } from "./ledger.ts";
import type { Modality } from "./modality.ts";

/** A tenant with the key that its senders use. */
export interface Tenant {
  readonly id: string;
  readonly key: string;
}

/** How often a study takes each lane, and is sent in each way. */
const LANES: readonly Lane[] = ["stat", "routine", "routine", ...Array<Lane>(5).fill("backfill")];
const WAYS = [
  "whole",
  "whole",
  "counted",
  "explicit",
  "twice",
  "late",
  "cancelled",
  "anew",
] as const;
/** How the rest are sent, where associations are taken. */
const BY_DIMSE = ["associated", "associated"] as const;
type Way = (typeof WAYS)[number] | (typeof BY_DIMSE)[number];
const TWO_SERIES_SHARE = 0.25;
/** A late arrival comes when the study was long closed. */
const LATE_AFTER_MS = 4_000;
/** Somewhere in it a study is planned, dispatched, on a worker, recorded. */
const CANCELLED_WITHIN_MS = 400;

interface SendersOptions {
  readonly tenants: readonly Tenant[];
  readonly door: Door;
  /** Sends by C-STORE; everything goes by STOW-RS without it. */
  readonly modality?: Modality;
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Studies a second. */
  readonly rate: number;
}

/** Brings studies at a steady rate, whether or not those before were taken. */
export class Senders {
  readonly #options: SendersOptions;
  readonly #ways: readonly Way[];
  readonly #probes: readonly Way[];
  readonly #sending = new Set<Promise<void>>();

  constructor(options: SendersOptions) {
    this.#options = options;
    const byDimse = options.modality === undefined ? [] : BY_DIMSE;
    this.#ways = [...WAYS, ...byDimse];
    this.#probes = ["whole", ...byDimse.slice(1)];
  }

  /** Sends until `end`, then resolves; what is not yet taken goes on being repeated. */
  async runUntil(end: number): Promise<void> {
    const { random, rate } = this.#options;
    while (Date.now() < end) {
      this.#start(this.#sendOne(pick(LANES, random), pick(this.#ways, random)));
      await delay(1_000 / rate);
    }
  }

  /** Sends one STAT study with its end and resolves with it once it is taken. */
  async probe(): Promise<SentStudy> {
    const sending = Promise.withResolvers<SentStudy>();
    const way = pick(this.#probes, this.#options.random);
    this.#start(this.#sendOne("stat", way, sending.resolve));
    return sending.promise;
  }

  /** Resolves when nothing is being sent any more. */
  async drained(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #start(sending: Promise<void>): void {
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async #sendOne(
    lane: Lane,
    way: Way,
    taken: (study: SentStudy) => void = () => {},
  ): Promise<void> {
    const { ledger, random, tenants } = this.#options;
    const { id, key } = pick(tenants, random);
    const study: SentStudy = {
      tenant: id,
      uid: newUid(),
      lane,
      service: way === "associated" ? "dimse" : "stow",
      series: [],
      runs: 1,
      end: "complete",
      acknowledged: new Set(),
      whole: false,
    };
    ledger.studies.push(study);
    const files = this.#addSeries(study, random() < TWO_SERIES_SHARE ? 2 : 1);
    const sent = await this.#send(study, { key, files, way });
    study.whole = sent && (await this.#follow(study, { key, way }));
    taken(study);
  }

  #addSeries(study: SentStudy, count: number): Buffer[] {
    const added = Array.from({ length: count }, () => newSeries(this.#options.random, study.uid));
    study.series.push(...added.map(({ sent }): SentSeries => sent));
    return added.flatMap(({ files }) => files);
  }

  async #send(
    study: SentStudy,
    { key, files, way }: { key: string; files: Buffer[]; way: Way },
  ): Promise<boolean> {
    const { door, modality } = this.#options;
    const close = { "axial-close": "true" };
    const half = Math.ceil(files.length / 2);
    const [first, second] = [files.slice(0, half), files.slice(half)];
    switch (way) {
      case "whole":
      case "late":
      case "cancelled":
      case "anew":
        return door.store(study, { key, files, headers: close });
      case "twice": {
        const both = [1, 2].map(() => door.store(study, { key, files, headers: close }));
        return (await Promise.all(both)).every(Boolean);
      }
      case "counted": {
        const headers = { "axial-expected-instances": String(files.length) };
        const parts = [first, second].map((part) =>
          door.store(study, { key, files: part, headers }),
        );
        return (await Promise.all(parts)).every(Boolean);
      }
      case "explicit":
        return (
          (await door.store(study, { key, files: first, headers: {} })) &&
          (await door.store(study, { key, files: second, headers: {} })) &&
          (await door.post(`/api/v1/studies/${study.uid}/close`, key))
        );
      // Closed by the release; the request is for one that a gateway did not live to see.
      case "associated":
        return (
          (await modality?.store(study, files)) === true &&
          (await door.post(`/api/v1/studies/${study.uid}/close`, key))
        );
      default:
        throw way satisfies never;
    }
  }

  /** What is done with some studies after they were sent; true once all of it was taken. */
  async #follow(study: SentStudy, { key, way }: { key: string; way: Way }): Promise<boolean> {
    const { door, random } = this.#options;
    const act = (action: string) => door.post(`/api/v1/studies/${study.uid}/${action}`, key);
    switch (way) {
      case "late":
        await delay(LATE_AFTER_MS);
        study.runs = 2;
        return this.#send(study, { key, files: this.#addSeries(study, 1), way: "whole" });
      case "cancelled":
        await delay(random() * CANCELLED_WITHIN_MS);
        study.end = "cancelled";
        return act("cancel");
      case "anew":
        await delay(random() * CANCELLED_WITHIN_MS);
        study.runs = 2;
        return (await act("cancel")) && (await act("rerun"));
      default:
        return true;
    }
  }
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
