import type { DestinationKind, Lane, StudyId, TaskId, TenantId } from "@axial/contracts";

/**
 * What a span may say. The list is closed, and no field takes text of a study or a request: a span
 * leaves the house (invariant 4).
 */
export interface SpanFacts {
  readonly "http.request.method"?: string;
  /** A template, never a path: paths hold UIDs, and queries names. */
  readonly "http.route"?: string;
  readonly "http.response.status_code"?: number;
  readonly "axial.tenant"?: TenantId;
  readonly "axial.study"?: StudyId;
  readonly "axial.task"?: TaskId;
  readonly "axial.attempt"?: number;
  readonly "axial.lane"?: Lane;
  readonly "axial.model"?: string;
  readonly "axial.worker"?: string;
  readonly "axial.provider"?: string;
  readonly "axial.tasks"?: number;
  readonly "axial.refusals"?: number;
  /** How it ended: a state, or an error's code. */
  readonly "axial.outcome"?: string;
  readonly "axial.delivery"?: string;
  readonly "axial.destination.kind"?: DestinationKind;
}

export interface SpanOptions {
  /** `traceparent` of the span that caused it, or what a caller sent as one; null begins a trace. */
  readonly parent: string | null | undefined;
  /** `internal` by default. */
  readonly kind?: "server" | "client" | "producer" | "consumer" | "internal";
  /** Epoch milliseconds; now by default. */
  readonly startedAt?: number;
  readonly facts?: SpanFacts;
}

/** A stretch of work. It is exported when it ends. */
export interface Span {
  /** What its children name as their parent, in memory, rows and messages; null without tracing. */
  readonly traceParent: string | null;
  add(facts: SpanFacts): void;
  /** Marks it as failed; a code, never a message. */
  fail(code: string): void;
  /** Epoch milliseconds; now by default. */
  end(endedAt?: number): void;
}

/**
 * Where spans go. Contexts are passed on by hand, as `traceparent`, because a study's way leads
 * through rows and queues, where no context of a call survives.
 */
export interface Tracing {
  readonly isOn: boolean;
  start(name: string, options: SpanOptions): Span;
  /** Exports what has ended and stops. */
  close(): Promise<void>;
}

const NO_SPAN: Span = { traceParent: null, add: () => {}, fail: () => {}, end: () => {} };

/** Tracing that is off: it costs a call. */
export const NO_TRACING: Tracing = {
  isOn: false,
  start: () => NO_SPAN,
  close: async () => {},
};
