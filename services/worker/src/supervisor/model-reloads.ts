import type { Failure } from "@axial/contracts";
import type { Logger, Metrics } from "@axial/kit";
import { inWords } from "./engine-state.ts";

interface ModelReloadsOptions {
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Returns null, or why the packages may not serve. */
  reload(packages: readonly string[]): Promise<readonly Failure[] | null>;
}

/** Reloads the models and remembers why the newest packages are not served, where they are not. */
export class ModelReloads {
  readonly #options: ModelReloadsOptions;
  #note: string | null = null;

  constructor(options: ModelReloadsOptions) {
    this.#options = options;
  }

  /** The note for /readyz while ready: the last reload was refused. */
  get note(): string | null {
    return this.#note;
  }

  async run(packages: readonly string[], closing: AbortSignal): Promise<void> {
    const { metrics, logger, reload } = this.#options;
    logger.info({ packages: packages.length }, "models changed, starting an engine with them");
    const failures = await reload(packages);
    if (closing.aborted) return;
    if (failures === null) logger.info("models reloaded");
    else logger.error({ failures }, "models are not served, those before them still are");
    this.#note = failures === null ? null : `models not reloaded: ${inWords(failures)}`;
    metrics.modelReloadsTotal.inc({ outcome: failures?.[0]?.code ?? "served" });
    metrics.modelsRefused.set(failures?.length ?? 0);
  }
}
