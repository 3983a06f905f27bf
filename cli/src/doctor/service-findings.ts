import { AxialClient } from "@axial/client";
import { connectionFrom } from "../client/connection.ts";
import type { Overview } from "../client/overview.ts";
import { certificateFinding } from "./certificate.ts";
import type { Finding } from "./finding.ts";
import { overviewFindings } from "./overview-findings.ts";

interface ServiceOptions {
  readonly url: string;
  readonly data: string;
  readonly key?: string;
}

interface Readiness {
  readonly failures?: readonly { readonly name: string; readonly reason: string }[];
  readonly degraded?: readonly { readonly name: string; readonly reason: string }[];
}

/** Of the service at `url`: whether it is ready, its certificate, and what its overview tells. */
export async function serviceFindings(options: ServiceOptions): Promise<Finding[]> {
  const answer = await fetch(`${options.url}/readyz`).catch(() => null);
  if (answer === null) {
    return [{ check: "server", ok: true, found: `none answers at ${options.url}` }];
  }
  const server = readiness(options.url, answer.status, (await answer.json()) as Readiness);
  const certificate = await certificateFinding(options.url);
  return [server, ...certificate, ...(await fromOverview(options))];
}

function readiness(url: string, status: number, { failures, degraded }: Readiness): Finding {
  const reasons = [...(failures ?? []), ...(degraded ?? [])].map(
    ({ name, reason }) => `${name}: ${reason}`,
  );
  const ok = status === 200 && reasons.length === 0;
  const found = ok ? `ready at ${url}` : reasons.join("; ") || `answers ${status}`;
  return { check: "server", ok, found, action: "mend what it names" };
}

async function fromOverview(options: ServiceOptions): Promise<Finding[]> {
  try {
    const client = new AxialClient(connectionFrom(options));
    const asked = Date.now();
    const overview = await client.json<Overview>("/api/v1/overview");
    return overviewFindings(overview, { asked, answered: Date.now() });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const action = "give --key of an operator; without it only readiness was looked at";
    return [{ check: "service", ok: false, found, action }];
  }
}
