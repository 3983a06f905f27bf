import type { PullState, PullView } from "@axial/contracts";
import type { Transport } from "./transport.ts";

const PATH = "/api/v1/pulls";
const POLL_MS = 500;

interface PullSearch {
  readonly state?: PullState;
  readonly study?: string;
  readonly limit?: number;
}

/** `/api/v1/pulls`: studies on their way from a source. */
export class Pulls {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get(id: string): Promise<PullView> {
    return this.#transport.json<PullView>(`${PATH}/${id}`);
  }

  /** Newest first. */
  async list({ state, study, limit }: PullSearch = {}): Promise<readonly PullView[]> {
    const query = new URLSearchParams({
      ...(state === undefined ? {} : { state }),
      ...(study === undefined ? {} : { study }),
      ...(limit === undefined ? {} : { limit: String(limit) }),
    });
    return (await this.#transport.json<{ pulls: PullView[] }>(`${PATH}?${query}`)).pulls;
  }

  retry(id: string): Promise<PullView> {
    return this.#transport.post(`${PATH}/${id}/retry`);
  }

  cancel(id: string): Promise<PullView> {
    return this.#transport.post(`${PATH}/${id}/cancel`);
  }

  /** Asks after pulls until each is over, or the seconds are: then they are as they are. */
  async wait(pulls: readonly PullView[], seconds: number): Promise<readonly PullView[]> {
    const deadline = Date.now() + seconds * 1_000;
    let views = [...pulls];
    while (views.some(({ state }) => state === "waiting") && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      views = await Promise.all(
        views.map((view) => (view.state === "waiting" ? this.get(view.id) : view)),
      );
    }
    return views;
  }
}
