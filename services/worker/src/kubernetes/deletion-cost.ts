import { type Logger, OutageLog } from "@axial/kit";

/** Read by the controller that scales a deployment down: the cheapest pods go first. */
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

const EVERY_MS = 5_000;

interface DeletionCostOptions {
  /** Tasks in the worker's hands. */
  cost(): number;
  annotate(annotations: Readonly<Record<string, string>>): Promise<void>;
  readonly logger: Logger;
}

/** Keeps the pod's deletion cost at the number of tasks held, so that scale-down takes the idle. */
export class DeletionCost {
  readonly #options: DeletionCostOptions;
  readonly #outage: OutageLog;
  readonly #timer: NodeJS.Timeout;
  #told: number | undefined;
  #telling = false;

  constructor(options: DeletionCostOptions, everyMs = EVERY_MS) {
    this.#options = options;
    this.#outage = new OutageLog(options.logger, "kubernetes");
    this.#timer = setInterval(() => void this.#tell(), everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #tell(): Promise<void> {
    const cost = this.#options.cost();
    if (this.#telling || cost === this.#told) return;
    this.#telling = true;
    try {
      await this.#options.annotate({ [DELETION_COST]: String(cost) });
      this.#told = cost;
      this.#outage.worked();
    } catch (error) {
      this.#outage.failed(error);
    } finally {
      this.#telling = false;
    }
  }
}
