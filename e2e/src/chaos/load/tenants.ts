import { LANES } from "@axial/contracts";
import type { Stack } from "../stack/stack.ts";
import type { Destinations } from "./destinations.ts";
import { titleOf } from "./modality.ts";
import type { Tenant } from "./senders.ts";

const TENANTS = ["hospital-a", "hospital-b", "archive"] as const;

/**
 * Makes three tenants with a key each, whose studies come by HTTP and by C-STORE, to a title for each
 * lane, and whose results go to the destinations.
 */
export async function createTenants(stack: Stack, destinations: Destinations): Promise<Tenant[]> {
  const [gateway] = stack.services.gateway;
  const [results] = stack.services.results;
  return Promise.all(
    TENANTS.map(async (id) => {
      await post(`${gateway?.url}/api/v1/tenants`, stack.adminKey, { id });
      const body = { name: "chaos", role: "admin", tenant: id };
      const { key } = await post(`${gateway?.url}/api/v1/keys`, stack.adminKey, body);
      for (const lane of LANES) {
        const entity = { calledTitle: titleOf(id, lane), lane, closeOnRelease: true };
        await post(`${gateway?.url}/api/v1/application-entities`, String(key), entity);
      }
      for (const destination of destinations.of(titleOf(id, "routine"))) {
        await post(`${results?.url}/api/v1/destinations`, String(key), destination);
      }
      return { id, key: String(key) };
    }),
  );
}

async function post(url: string, key: string, body: object): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok)
    throw new Error(`${new URL(url).pathname}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}
