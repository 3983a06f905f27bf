import { type Client, getJson } from "../docker/client.ts";
import type { Cluster } from "./cluster.ts";
import { doorAddress } from "./door.ts";
import { Front } from "./front.ts";
import { adminKeyOf } from "./installation.ts";
import type { Installation } from "./installations.ts";

/** An installation as its users see it. */
export interface Visit extends Client {
  readonly front: Front;
  readonly cluster: Cluster;
  readonly installation: Installation;
}

/** Runs `work` with the installation's door open. */
export async function visiting<Result>(
  cluster: Cluster,
  installation: Installation,
  work: (visit: Visit) => Promise<Result>,
): Promise<Result> {
  const address = await doorAddress(cluster, installation);
  const front = await Front.open({ address, host: installation.host });
  try {
    const key = await adminKeyOf(cluster, installation);
    return await work({ front, cluster, installation, key, url: front.url });
  } finally {
    await front.close();
  }
}

/** Posts JSON; the answer. Throws unless it succeeds. */
export async function postJson<Answer>(
  { url, key }: Client,
  path: string,
  body: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

export interface Scaling {
  readonly outstanding: number;
  readonly deviceSeconds: number;
  readonly workers: number;
}

export function scalingOf(client: Client, pool: string): Promise<Scaling> {
  return getJson<Scaling>(client, `/scaling/${pool}`);
}
