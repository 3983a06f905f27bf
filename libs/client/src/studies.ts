import type { NewPull, PullView, StudyState, StudyView } from "@axial/contracts";
import type { Transport } from "./transport.ts";

const REPORTS = ["json", "sr", "fhir", "pdf"] as const;
/** Renderings of one record: JSON, DICOM SR, a FHIR bundle, a page for people. */
export type ReportFormat = (typeof REPORTS)[number];

interface ActedOn {
  readonly study: string;
  readonly state: StudyState;
}

/** `/api/v1/studies`: what is known of studies, and what may be done to them. */
export class Studies {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get(uid: string): Promise<StudyView> {
    return this.#transport.json<StudyView>(pathOf(uid));
  }

  /** No more instances will come: plan it. */
  close(uid: string): Promise<ActedOn> {
    return this.#transport.post(`${pathOf(uid)}/close`);
  }

  /** Plans it again over its current images, with these models or the planner's choice. */
  rerun(uid: string, models?: readonly string[]): Promise<ActedOn> {
    return this.#transport.post(`${pathOf(uid)}/rerun`, models === undefined ? {} : { models });
  }

  /** Drops its unfinished work. */
  cancel(uid: string): Promise<ActedOn> {
    return this.#transport.post(`${pathOf(uid)}/cancel`);
  }

  /** Has a study, or a patient's studies, fetched from a source; resolves with the pulls. */
  async pull(wanted: NewPull): Promise<readonly PullView[]> {
    const answer = await this.#transport.post<{ pulls: PullView[] }>(
      "/api/v1/studies/pull",
      wanted,
    );
    return answer.pulls;
  }

  /** The study again whenever it changes, until it has ended. */
  async *events(uid: string, signal?: AbortSignal): AsyncGenerator<StudyView> {
    for await (const { event, data } of this.#transport.events(`${pathOf(uid)}/events`, signal)) {
      if (event === "study") yield JSON.parse(data) as StudyView;
      if (event === "end") return;
    }
  }

  /**
   * Waits until the study has ended, or is held for an operator's decision. Rejects after `seconds`.
   * A server that is away is asked again: what it has acknowledged is safe.
   */
  async wait(uid: string, seconds: number): Promise<StudyView> {
    const { awaitSettled } = await import("./await-settled.ts");
    return awaitSettled(this, uid, seconds);
  }

  /** The answer with a rendering of the current run. */
  report(uid: string, format: ReportFormat): Promise<Response> {
    return this.#transport.request(`${pathOf(uid)}/report.${format}`);
  }
}

function pathOf(uid: string): string {
  return `/api/v1/studies/${encodeURIComponent(uid)}`;
}
