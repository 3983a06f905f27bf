import type { Stack } from "../stack/stack.ts";
import type { Tenant } from "./senders.ts";

const TENANTS = ["hospital-a", "hospital-b", "archive"] as const;

/** Makes three tenants with a key each, whose completed studies are posted to `webhookUrl`. */
export async function createTenants(stack: Stack, webhookUrl: string): Promise<Tenant[]> {
  const [gateway] = stack.services.gateway;
  const [results] = stack.services.results;
  return Promise.all(
    TENANTS.map(async (id) => {
      await post(`${gateway?.url}/api/v1/tenants`, stack.adminKey, { id });
      const body = { name: "chaos", role: "admin", tenant: id };
      const { key } = await post(`${gateway?.url}/api/v1/keys`, stack.adminKey, body);
      await post(`${results?.url}/api/v1/destinations`, String(key), {
        ...{ kind: "webhook", name: "chaos", url: webhookUrl },
      });
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
