/** One series of an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: "ok" | "err" | "unknown";
  readonly lastError?: string;
}

interface Answer<Data> {
  readonly status: "success" | "error";
  readonly error?: string;
  readonly data: Data;
}

/** The stack's Prometheus by its HTTP API. */
export class Prometheus {
  readonly #url: string;

  constructor(address: string) {
    this.#url = `http://${address}/api/v1`;
  }

  /** Rejects with what Prometheus says of an expression that it does not understand. */
  async query(expression: string): Promise<readonly Series[]> {
    const path = `/query?query=${encodeURIComponent(expression)}`;
    return (await this.#get<{ result: Series[] }>(path)).result;
  }

  /** Names of what the scraped processes declare, with or without a series as yet. */
  async declared(): Promise<Set<string>> {
    return new Set(Object.keys(await this.#get<Record<string, unknown>>("/metadata")));
  }

  async rules(): Promise<Rule[]> {
    const { groups } = await this.#get<{ groups: { rules: Rule[] }[] }>("/rules");
    return groups.flatMap(({ rules }) => rules);
  }

  async #get<Data>(path: string): Promise<Data> {
    const response = await fetch(`${this.#url}${path}`);
    const { status, error, data } = (await response.json()) as Answer<Data>;
    if (status !== "success") throw new Error(error ?? `${path}: ${response.status}`);
    return data;
  }
}
