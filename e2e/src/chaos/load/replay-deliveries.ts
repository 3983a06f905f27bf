import type { DeliveryView } from "@axial/contracts";
import type { Stack } from "../stack/stack.ts";
import type { Tenant } from "./senders.ts";

/** Those that are open when a run ends: one that was refused in its last minute waits a quarter of an hour. */
const OPEN = ["pending", "dead"] as const;
const LIMIT = 500;

/** What an operator does once the destinations work again: everything that waits is sent at once. */
export async function replayDeliveries(stack: Stack, tenants: readonly Tenant[]): Promise<void> {
  const [results] = stack.services.results;
  for (const { key } of tenants) {
    const headers = { authorization: `Bearer ${key}` };
    for (const state of OPEN) {
      const url = `${results?.url}/api/v1/deliveries`;
      const answer = await fetch(`${url}?state=${state}&limit=${LIMIT}`, { headers });
      const { deliveries } = (await answer.json()) as { deliveries: DeliveryView[] };
      for (const { id } of deliveries) {
        await fetch(`${url}/${id}/replay`, { method: "POST", headers });
      }
    }
  }
}
