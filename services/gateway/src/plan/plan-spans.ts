import { asAxialError } from "@axial/contracts";
import type { Span, Tracing } from "@axial/kit";
import type { PlannableStudy, StudyPlan } from "@axial/store/planning";

/** The spans of studies that are planned together, each in the trace of what brought its study. */
export class PlanSpans {
  readonly #tracing: Tracing;
  #spans: readonly Span[] = [];

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  start(studies: readonly PlannableStudy[]): void {
    this.#spans = studies.map(({ id, tenant, lane, traceParent: parent }) =>
      this.#tracing.start("plan", {
        parent,
        facts: { "axial.study": id, "axial.tenant": tenant, "axial.lane": lane },
      }),
    );
  }

  /** The plans, in the order of their studies, with where their tasks belong. */
  name(plans: readonly StudyPlan[]): StudyPlan[] {
    return plans.map((plan, index) => {
      const span = this.#spans[index];
      const { tasks, refusals } = plan;
      span?.add({ "axial.tasks": tasks.length, "axial.refusals": refusals.length });
      return { ...plan, traceParent: span?.traceParent ?? null };
    });
  }

  fail(error: unknown): void {
    for (const span of this.#spans) span.fail(asAxialError(error).code);
  }

  end(): void {
    for (const span of this.#spans) span.end();
  }
}
