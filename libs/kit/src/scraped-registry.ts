import { Registry, type RegistryContentType } from "prom-client";

/** Reads figures and sets gauges with them; does not reject. */
type Collector = () => Promise<void>;

/**
 * A registry whose gauges are read at each scrape. prom-client's own `collect` belongs to one metric,
 * and all are collected side by side: a gauge that another one's sets would be a scrape late.
 */
export class ScrapedRegistry<Format extends RegistryContentType> extends Registry<Format> {
  readonly #collectors: Collector[] = [];

  constructor(format: Format) {
    super();
    this.setContentType(format);
  }

  /** Runs `collect` before every scrape. */
  beforeScrape(collect: Collector): void {
    this.#collectors.push(collect);
  }

  override async metrics(): Promise<string> {
    await Promise.all(this.#collectors.map((collect) => collect()));
    return super.metrics();
  }
}
