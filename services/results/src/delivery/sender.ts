import { type AxialError, asAxialError, type DestinationKind } from "@axial/contracts";
import { backoffMs, type Logger, OutageLog } from "@axial/kit";
import {
  type DeliveryOutcome,
  type DestinationRow,
  type DueDelivery,
  extendLease,
  readDestinations,
  settleDelivery,
  takeDeliveries,
} from "@axial/store/delivery";
import type { Dependencies } from "../dependencies.ts";
import { deliver } from "./deliver.ts";
import type { SendDependencies } from "./package.ts";

/** Sent to one destination at the same time; a slow one holds up no other. */
const AT_ONCE = 4;
/** A delivery whose sender died is due again after this; one that takes longer prolongs it. */
const LEASE_SECONDS = 60;
const POLL_MS = 1_000;
/** With the growing pauses this takes between three quarters of an hour and an hour and a half. */
export const MAX_DELIVERY_ATTEMPTS = 12;
/** What cannot be reached is tried for as long as a weekend's maintenance lasts. */
const UNREACHABLE_FOR_MS = 3 * 24 * 3_600_000;
/** Pauses grow to a quarter of an hour. */
const PAUSE_FACTOR = 15;

type SenderOptions = SendDependencies & Pick<Dependencies, "logger" | "metrics" | "tracing">;

interface DeliverySender {
  close(): Promise<void>;
}

/** Sends what is due, at least once, until closed. */
export function startDeliverySender(options: SenderOptions): DeliverySender {
  const sender = new Sender(options);
  const running = sender.run();
  return {
    close: async () => {
      sender.stop();
      await running;
    },
  };
}

/** Each destination has its own turn: what is away or slow is waited for by its own deliveries. */
class Sender {
  readonly #options: SenderOptions;
  readonly #logger: Logger;
  readonly #busy = new Map<string, Promise<void>>();
  #closing = false;
  #wake: () => void = () => {};

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ component: "deliveries" });
  }

  stop(): void {
    this.#closing = true;
    this.#wake();
  }

  async run(): Promise<void> {
    const outage = new OutageLog(this.#logger, "database");
    while (!this.#closing) {
      const woken = this.#sleep();
      await this.#begin().then(
        () => outage.worked(),
        (error: unknown) => outage.failed(error),
      );
      await woken;
    }
    await Promise.all(this.#busy.values());
  }

  /** Until a destination has ended its turn, or something may have come. */
  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #begin(): Promise<void> {
    const { db } = this.#options;
    const due = await takeDeliveries(db, {
      ...{ limit: AT_ONCE, leaseSeconds: LEASE_SECONDS },
      except: [...this.#busy.keys()],
    });
    const ids = due.map(({ destination }) => destination);
    const destinations = await readDestinations(db, ids);
    for (const [id, deliveries] of Map.groupBy(due, ({ destination }) => destination)) {
      const destination = destinations.get(id);
      if (destination === undefined) continue;
      const turn = this.#turn(destination, deliveries).finally(() => {
        this.#busy.delete(id);
        this.#wake();
      });
      this.#busy.set(id, turn);
    }
  }

  async #turn(destination: DestinationRow, deliveries: readonly DueDelivery[]): Promise<void> {
    const { db } = this.#options;
    const prolong = () => {
      // A database that is away is reported by the loop; the lease then ends, and they are sent again.
      for (const one of deliveries) extendLease(db, one, LEASE_SECONDS).catch(() => {});
    };
    const lease = setInterval(prolong, (LEASE_SECONDS * 1_000) / 3);
    try {
      await Promise.all(deliveries.map((delivery) => this.#send(destination, delivery)));
    } catch (error) {
      // Not settled: the lease ends, and they are sent again.
      this.#logger.warn({ err: error, kind: destination.kind }, "deliveries not settled");
    } finally {
      clearInterval(lease);
    }
  }

  async #send(destination: DestinationRow, delivery: DueDelivery): Promise<void> {
    const { kind } = destination;
    const { id, attempts } = delivery;
    const started = performance.now();
    const span = this.#options.tracing.start("deliver", {
      kind: "client",
      parent: delivery.traceParent,
      facts: {
        ...{ "axial.delivery": id, "axial.destination.kind": kind, "axial.attempt": attempts },
        "axial.tenant": delivery.tenant,
      },
    });
    const outcome = await deliver(this.#options, delivery, destination).then(
      (done): DeliveryOutcome =>
        done.status === "delivered"
          ? { kind: "delivered" }
          : { kind: "skipped", reason: done.reason },
      (error: unknown) => this.#failed(delivery, error),
    );
    if ("error" in outcome) span.fail(outcome.kind);
    else span.add({ "axial.outcome": outcome.kind });
    span.end();
    await settleDelivery(this.#options.db, delivery, outcome);
    this.#count(kind, outcome, (performance.now() - started) / 1_000);
    if ("error" in outcome) {
      const reason = outcome.error;
      this.#logger.warn({ delivery: id, kind, attempts, reason }, "not delivered");
    }
  }

  #failed(delivery: DueDelivery, thrown: unknown): DeliveryOutcome {
    const error = asAxialError(thrown);
    if (error.code === "internal") {
      this.#logger.error({ err: thrown, delivery: delivery.id }, "a delivery failed within Axial");
    }
    return outcomeOfFailure(delivery, error);
  }

  #count(kind: DestinationKind, outcome: DeliveryOutcome, seconds: number): void {
    const { metrics } = this.#options;
    metrics.deliveriesTotal.inc({ kind, outcome: outcome.kind });
    if (outcome.kind !== "skipped") metrics.deliverySeconds.observe({ kind }, seconds);
  }
}

/** Tried again, unless it was refused too often or unreachable for too long. */
function outcomeOfFailure(delivery: DueDelivery, thrown: AxialError): DeliveryOutcome {
  const { code, detail, message } = thrown;
  const error = code === "internal" ? "an internal error" : (detail ?? message);
  const age = Date.now() - delivery.createdAt.getTime();
  const mayPass = code === "peer-unreachable" && age < UNREACHABLE_FOR_MS;
  if (delivery.attempts >= MAX_DELIVERY_ATTEMPTS && !mayPass) return { kind: "dead", error };
  const pauseMs = backoffMs(delivery.attempts, Math.random) * PAUSE_FACTOR;
  return { kind: "retry", error, notBefore: new Date(Date.now() + pauseMs) };
}
