import type { Lane } from "@axial/contracts";
import type { ScalingRule } from "./scaling-rule.ts";

type WorkerState = "starting" | "idle" | "busy" | "leaving" | "gone";

export interface Worker {
  readonly pool: Pool;
  readonly startedAt: number;
  state: WorkerState;
}

/** The workers of one deployment, and how its autoscaler counts them. */
export class Pool {
  readonly rule: ScalingRule;
  readonly lanes: readonly Lane[];
  workers: Worker[] = [];
  /** Device seconds of workers that have ended. */
  #paidSeconds = 0;
  #wanted: { readonly at: number; readonly replicas: number }[] = [];
  #lastUpAt = -Infinity;
  #lastDownAt = -Infinity;
  #lastActiveAt = -Infinity;

  constructor(rule: ScalingRule) {
    this.rule = rule;
    this.lanes = rule.targets.map(({ lane }) => lane);
  }

  /** Replicas after this poll, by KEDA's and the HPA's rules. */
  decide(now: number, outstanding: Readonly<Record<Lane, number>>): number {
    const { rule } = this;
    const current = this.workers.length;
    if (rule.targets.some(({ lane }) => outstanding[lane] > 0)) this.#lastActiveAt = now;
    const asked = Math.max(
      ...rule.targets.map(({ lane, seconds }) => Math.ceil(outstanding[lane] / seconds)),
    );
    const floor =
      now - this.#lastActiveAt < rule.cooldownSeconds ? Math.max(1, rule.least) : rule.least;
    const wanted = Math.min(rule.most, Math.max(floor, asked));
    this.#wanted = this.#wanted.filter(({ at }) => now - at < rule.stabilizationSeconds);
    this.#wanted.push({ at: now, replicas: wanted });
    if (wanted > current) return this.#up(now, wanted, current);
    const stable = Math.max(...this.#wanted.map(({ replicas }) => replicas));
    return stable < current ? this.#down(now, stable, current) : current;
  }

  paidSeconds(now: number): number {
    return this.workers.reduce((sum, { startedAt }) => sum + now - startedAt, this.#paidSeconds);
  }

  remove(worker: Worker, now: number): void {
    worker.state = "gone";
    this.workers = this.workers.filter((other) => other !== worker);
    this.#paidSeconds += now - worker.startedAt;
  }

  #up(now: number, wanted: number, current: number): number {
    const { upPercent, upPods, upEverySeconds } = this.rule;
    if (now - this.#lastUpAt < upEverySeconds) return current;
    this.#lastUpAt = now;
    const step = Math.max(upPods, Math.ceil((current * upPercent) / 100), 1);
    return Math.min(wanted, current + step);
  }

  #down(now: number, wanted: number, current: number): number {
    const { downPercent, downEverySeconds } = this.rule;
    if (now - this.#lastDownAt < downEverySeconds) return current;
    this.#lastDownAt = now;
    return Math.max(wanted, current - Math.ceil((current * downPercent) / 100));
  }
}
