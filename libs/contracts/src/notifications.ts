import { type Static, type TSchema, Type } from "typebox";
import { StudyIdSchema } from "./ids.ts";
import { matches } from "./matches.ts";

/**
 * The notifications sent by PostgreSQL's NOTIFY: event → channel and payload. Notifications are
 * wake-ups and may be lost, so listeners also poll. Payloads are opaque ids (invariant 4); an event
 * whose payload is null has none, and equal ones in a transaction arrive as one.
 */
export const NOTIFICATIONS = {
  /** A study was closed or reopened for a new plan: the planner has work. */
  "study-closed": { channel: "axial_closed", payload: StudyIdSchema },
  /** Something visible in a study changed: a result, a refusal, its state. */
  "study-changed": { channel: "axial_result", payload: StudyIdSchema },
  /** Tasks became pending: the dispatcher has work. */
  "tasks-pending": { channel: "axial_pending", payload: null },
  /** A study is to be pulled from a source. */
  "pulls-due": { channel: "axial_pulls", payload: null },
  /** Messages were appended to the stream of this name. */
  "stream-appended": { channel: "axial_stream", payload: Type.String({ maxLength: 63 }) },
} as const satisfies Readonly<
  Record<string, { readonly channel: string; readonly payload: TSchema | null }>
>;

export type NotificationEvent = keyof typeof NOTIFICATIONS;

/** The schema of an event's payload; undefined for one without. */
type NotificationPayload<Event extends NotificationEvent> =
  (typeof NOTIFICATIONS)[Event]["payload"] extends infer Schema extends TSchema
    ? Static<Schema>
    : undefined;

/** One notification, as it is sent. */
export type AxialNotification = {
  [Event in NotificationEvent]: NotificationPayload<Event> extends undefined
    ? { readonly event: Event }
    : { readonly event: Event; readonly payload: NotificationPayload<Event> };
}[NotificationEvent];

/** A handler for each event. */
export type NotificationHandlers = {
  readonly [Event in NotificationEvent]?: (payload: NotificationPayload<Event>) => void;
};

/**
 * Calls the handler of `event` with the payload. One of another form, such as an older version's,
 * is dropped: the listener's next poll sees the change.
 */
export function receive<Event extends NotificationEvent>(
  handlers: NotificationHandlers,
  event: Event,
  text: string,
): void {
  const schema: TSchema | null = NOTIFICATIONS[event].payload;
  const payload = schema === null ? undefined : text;
  if (schema !== null && !matches(schema, text)) return;
  handlers[event]?.(payload as NotificationPayload<Event>);
}
