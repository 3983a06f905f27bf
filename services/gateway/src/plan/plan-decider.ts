import { setImmediate } from "node:timers/promises";
import type { TenantId } from "@axial/contracts";
import { TenantThreads } from "@axial/imaging";
import type { ModelPolicy } from "./candidate-models.ts";
import { type DecidedPlan, decidePlan, type PlanRequest } from "./decide-plan.ts";

const SCRIPT = new URL("./decide-plan-thread.ts", import.meta.url);
/** Slices that are decided on an event loop, where others wait: some 20 ms with ten models. */
const MAX_QUICK_SLICES = 1_000;
/** Smaller studies are decided several in a turn of the event loop. */
const SLICES_OF_A_TURN = 64;
/** The largest study that is planned takes ten seconds. */
const TIMEOUT_MS = 120_000;
/** A lane's planner waits for one study at a time, an estimate too. */
const MAX_WAITING_EACH = 64;

/**
 * Decides what is to be done with studies: ordinary ones at once, those of more slices than an event
 * loop can afford in a thread, tenants in turns. A file of a few kilobytes may hold a million
 * frames of one pixel.
 */
export class PlanDecider {
  readonly policy: ModelPolicy;
  readonly #threads = new TenantThreads<PlanRequest, DecidedPlan>(SCRIPT, {
    threads: 1,
    timeoutMs: TIMEOUT_MS,
    maxWaitingEach: MAX_WAITING_EACH,
  });

  constructor(policy: ModelPolicy) {
    this.policy = policy;
  }

  /** Rejects with `decode-timeout`, `too-busy` or `shutting-down`. */
  async decide(
    tenant: TenantId,
    { study, offer }: Pick<PlanRequest, "study" | "offer">,
  ): Promise<DecidedPlan> {
    const request: PlanRequest = { study, offer, policy: this.policy };
    const { slices } = study;
    if (slices > MAX_QUICK_SLICES) return this.#threads.run(tenant, () => request);
    const plan = decidePlan(request);
    if (slices > SLICES_OF_A_TURN) await setImmediate();
    return plan;
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}
