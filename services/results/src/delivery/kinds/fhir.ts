import { AxialError } from "@axial/contracts";
import { assertTaken, guardedRequest } from "@axial/kit/network";
import { renderFhir } from "../../render/fhir/render-fhir.ts";
import { transactionOf } from "../../render/fhir/transaction.ts";
import { pdfFor } from "../objects-for.ts";
import type { SendDependencies, Shipment } from "../package.ts";

const TIMEOUT_MS = 60_000;
const TOKEN_TIMEOUT_MS = 15_000;

/** Posts a run as a transaction of conditional creates to a FHIR R4 server. */
export async function sendToFhir(
  dependencies: SendDependencies,
  shipment: Shipment<"fhir">,
): Promise<void> {
  const { target, destination, sources } = shipment;
  const bundle = renderFhir({
    ...{ ...sources, series: sources.record.series },
    base: dependencies.publicUrl,
  });
  const pdf = destination.formats.includes("pdf") ? await pdfFor(dependencies, shipment) : null;
  const body = JSON.stringify(transactionOf(bundle, { amends: sources.report.amends, pdf }));
  const authorization = await authorizationFor(dependencies, target);
  const answer = await guardedRequest({
    url: target.url,
    headers: {
      "content-type": "application/fhir+json",
      accept: "application/fhir+json",
      prefer: "return=minimal",
      "user-agent": "Axial",
      ...(authorization === null ? {} : { authorization }),
    },
    ...{ body, guard: dependencies.guard, timeoutMs: TIMEOUT_MS },
  });
  assertTaken(answer);
}

/** A token for each delivery (RFC 6749 4.4.2): they are minutes apart, and tokens expire. */
async function authorizationFor(
  { guard }: SendDependencies,
  { authorization, oauth }: Shipment<"fhir">["target"],
): Promise<string | null> {
  if (oauth === undefined) return authorization ?? null;
  const { tokenUrl, clientId, clientSecret, scope } = oauth;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
  });
  const basic = [clientId, clientSecret].map(encodeURIComponent).join(":");
  const answer = await guardedRequest({
    url: tokenUrl,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      authorization: `Basic ${Buffer.from(basic).toString("base64")}`,
    },
    ...{ body: body.toString(), guard, timeoutMs: TOKEN_TIMEOUT_MS },
  });
  if (answer.status < 200 || answer.status > 299) {
    const code = answer.status >= 500 ? "peer-unreachable" : "peer-refused";
    throw new AxialError(code, { detail: `the token server answered ${answer.status}` });
  }
  return `Bearer ${tokenOf(answer.text)}`;
}

function tokenOf(text: string): string {
  try {
    const { access_token } = JSON.parse(text) as { access_token?: unknown };
    if (typeof access_token === "string" && access_token !== "") return access_token;
  } catch {
    // Said below.
  }
  throw new AxialError("peer-refused", { detail: "the token server gave no token" });
}
