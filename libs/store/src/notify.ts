import { type AxialNotification, NOTIFICATIONS, type NotificationEvent } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database, DatabaseTransaction } from "./database.ts";

/** Sends notifications. Listeners receive those of a transaction once it has committed. */
export async function notify(
  db: Database | DatabaseTransaction,
  ...notifications: readonly AxialNotification[]
): Promise<void> {
  if (notifications.length === 0) return;
  const channels = notifications.map(({ event }) => NOTIFICATIONS[event].channel);
  const payloads = notifications.map((told) => ("payload" in told ? told.payload : ""));
  await sql`
    SELECT pg_notify(channel, payload)
    FROM unnest(${channels}::text[], ${payloads}::text[]) AS told(channel, payload)`.execute(db);
}

type EventWithPayload = Exclude<NotificationEvent, "tasks-pending" | "pulls-due">;

/** The same as an SQL expression, for a statement with the payload in its column `payload`. */
export function notifying(event: EventWithPayload, payload: string): RawBuilder<void> {
  return sql`pg_notify(${NOTIFICATIONS[event].channel}, ${sql.ref(payload)})`;
}
