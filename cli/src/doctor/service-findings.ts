import { AxialClient } from "@axial/client";
import { connectionFrom } from "../client/connection.ts";
import type { Overview } from "../client/overview.ts";
import { certificateFinding } from "./certificate.ts";
import type { Finding } from "./finding.ts";
import { overviewFindings } from "./overview-findings.ts";

/** A service that takes longer over its probes hangs. */
const ANSWERS_WITHIN_MS = 15_000;
/** An ingress keeps the probes to itself; the overview then says how the service is. */
const NOT_SHOWN = 404;

interface ServiceOptions {
  readonly url: string;
  /** The address was given or configured: something has to answer there. */
  readonly isExpected: boolean;
  readonly data: string;
  readonly key?: string;
}

interface Readiness {
  readonly failures?: readonly { readonly name: string; readonly reason: string }[];
  readonly degraded?: readonly { readonly name: string; readonly reason: string }[];
}

/** Of the service at `url`: whether it is ready, its certificate, and what its overview tells. */
export async function serviceFindings(options: ServiceOptions): Promise<Finding[]> {
  const { url, isExpected } = options;
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    const server = readiness(url, answer.status, await answer.text());
    return [server, ...(await certificateFinding(url)), ...(await fromOverview(options))];
  } catch (error) {
    return [isExpected ? silent(url, error) : noneRuns(url)];
  }
}

function silent(url: string, error: unknown): Finding {
  const found = `no answer from ${url}: ${reasonOf(error)}`;
  const action = "is it running? its log says why it ended; is the address right?";
  return { check: "server", ok: false, found, action };
}

function noneRuns(url: string): Finding {
  return {
    check: "server",
    ok: true,
    warning: true,
    found: `none is running at ${url}: only this machine was looked at`,
    action: "start one with `npx axial up`, or name one with --url",
  };
}

/** Node's fetch says only that it failed; its cause says of what. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : cause.name);
}

function readiness(url: string, status: number, text: string): Finding {
  const said = parsed(text);
  if (status === NOT_SHOWN) {
    return { check: "server", ok: true, found: `answers at ${url}, and does not show /readyz` };
  }
  if (said === null) {
    const found = `${url} answers ${status} to /readyz, and not as Axial does`;
    return { check: "server", ok: false, found, action: "is a proxy there, and Axial behind it?" };
  }
  const reasons = [...(said.failures ?? []), ...(said.degraded ?? [])].map(
    ({ name, reason }) => `${name}: ${reason}`,
  );
  const ok = status === 200 && reasons.length === 0;
  const found = ok ? `ready at ${url}` : reasons.join("; ") || `answers ${status}`;
  return { check: "server", ok, found, action: "mend what it names" };
}

/** Null for what is no answer of /readyz, such as a proxy's page. */
function parsed(text: string): Readiness | null {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null && "status" in said
      ? (said as Readiness)
      : null;
  } catch {
    return null;
  }
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
