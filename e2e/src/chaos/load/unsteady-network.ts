import { setTimeout as delay } from "node:timers/promises";
import { type NetworkState, TcpProxy } from "../stack/tcp-proxy.ts";

/** What the network to a hospital's systems is like, each for a while. */
const WEATHER: readonly (NetworkState | "cut")[] = [
  ...(["open", "open", "open", "open"] as const),
  ...(["cut", "refusing", "holding", "slow"] as const),
];
const SECONDS = [1, 4] as const;

interface UnsteadyOptions {
  /** What it leads to, on this machine. */
  readonly target: number;
  /** The address of this process as the services reach it. */
  readonly host: string;
  readonly random: () => number;
}

/** A network that is away, slow and cut at random, until it recovers. */
export class UnsteadyNetwork {
  readonly #proxy: TcpProxy;
  readonly #calm = new AbortController();
  readonly #changing: Promise<void>;

  private constructor(proxy: TcpProxy, random: () => number) {
    this.#proxy = proxy;
    this.#changing = this.#change(random);
  }

  static async open({ target, host, random }: UnsteadyOptions): Promise<UnsteadyNetwork> {
    return new UnsteadyNetwork(await TcpProxy.open(target, host), random);
  }

  get port(): number {
    return this.#proxy.port;
  }

  /** From now on it passes everything. */
  async recover(): Promise<void> {
    this.#calm.abort();
    await this.#changing;
    this.#proxy.become("open");
  }

  async close(): Promise<void> {
    await this.recover();
    await this.#proxy.close();
  }

  async #change(random: () => number): Promise<void> {
    const { signal } = this.#calm;
    while (!signal.aborted) {
      const state = WEATHER[Math.floor(random() * WEATHER.length)] ?? "open";
      if (state === "cut") this.#proxy.cut();
      else this.#proxy.become(state);
      const [least, most] = SECONDS;
      const lasts = 1_000 * (least + random() * (most - least));
      await delay(lasts, undefined, { signal }).catch(() => {});
    }
  }
}
