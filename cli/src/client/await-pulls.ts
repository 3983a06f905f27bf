import { setTimeout as delay } from "node:timers/promises";
import type { PullView } from "@axial/contracts";
import type { ApiClient } from "./api-client.ts";

const POLL_MS = 500;

/** Asks after pulls until each is over, or the seconds are: then they are as they are. */
export async function awaitPulls(
  client: ApiClient,
  pulls: readonly PullView[],
  seconds: number,
): Promise<PullView[]> {
  const deadline = Date.now() + seconds * 1_000;
  let views = [...pulls];
  while (views.some(({ state }) => state === "waiting") && Date.now() < deadline) {
    await delay(POLL_MS);
    views = await Promise.all(
      views.map((view) =>
        view.state === "waiting" ? client.json<PullView>(`/api/v1/pulls/${view.id}`) : view,
      ),
    );
  }
  return views;
}
