import { setTimeout as delay } from "node:timers/promises";
import { type Logger, OutageLog } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { type DueDelivery, settleDelivery, takeDeliveries } from "@axial/store/delivery";
import { backoffMs } from "../backoff.ts";
import type { AddressGuard } from "./address-guard.ts";
import { postDelivery } from "./post-delivery.ts";

/** Sent at the same time; a slow receiver holds up no more than these. */
const BATCH = 16;
/** Longer than a post may take: a delivery whose sender died is due again after this. */
const LEASE_SECONDS = 30;
const POLL_MS = 1_000;
/** With the growing pauses this takes between three quarters of an hour and an hour and a half. */
export const MAX_DELIVERY_ATTEMPTS = 12;
/** Pauses grow to a quarter of an hour. */
const PAUSE_FACTOR = 15;

interface SenderOptions {
  readonly db: Database;
  readonly guard: AddressGuard;
  readonly logger: Logger;
}

interface DeliverySender {
  close(): Promise<void>;
}

/** Sends what is due, at least once, until closed. */
export function startDeliverySender(options: SenderOptions): DeliverySender {
  const closing = new AbortController();
  const running = sendUntil(closing.signal, options);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function sendUntil(closing: AbortSignal, options: SenderOptions): Promise<void> {
  const logger = options.logger.child({ component: "deliveries" });
  const outage = new OutageLog(logger, "database");
  while (!closing.aborted) {
    const sent = await sendDue(options, logger).catch((error: unknown) => outage.failed(error));
    if (sent !== undefined) outage.worked();
    if (sent !== BATCH) await delay(POLL_MS, undefined, { signal: closing }).catch(() => {});
  }
}

async function sendDue({ db, guard }: SenderOptions, logger: Logger): Promise<number> {
  const due = await takeDeliveries(db, { limit: BATCH, leaseSeconds: LEASE_SECONDS });
  await Promise.all(
    due.map(async (delivery) => {
      const reason = await postDelivery(delivery, guard).then(() => null, reasonOf);
      await settle(db, delivery, reason);
      if (reason !== null) {
        const { id, attempts } = delivery;
        logger.warn({ delivery: id, attempts, reason }, "not delivered");
      }
    }),
  );
  return due.length;
}

function settle(db: Database, delivery: DueDelivery, error: string | null): Promise<void> {
  if (error === null) return settleDelivery(db, delivery, { kind: "delivered" });
  if (delivery.attempts >= MAX_DELIVERY_ATTEMPTS) {
    return settleDelivery(db, delivery, { kind: "dead", error });
  }
  const pauseMs = backoffMs(delivery.attempts, Math.random) * PAUSE_FACTOR;
  return settleDelivery(db, delivery, {
    kind: "retry",
    error,
    notBefore: new Date(Date.now() + pauseMs),
  });
}

/** Why, without the receiver's address: an error's message may quote it. */
function reasonOf(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError" || name === "AbortError") return "no answer in time";
  return code ?? message;
}
