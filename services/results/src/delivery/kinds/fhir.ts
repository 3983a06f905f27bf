import { AxialError } from "@axial/contracts";
import { assertTaken, guardedRequest } from "@axial/kit/network";
import { imagingStudyTag } from "../../render/fhir/imaging-study.ts";
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
  const authorization = await authorizationFor(dependencies, target);
  const { amends, studyUid } = sources.report;
  const headers = {
    accept: "application/fhir+json",
    "user-agent": "Axial",
    ...(authorization === null ? {} : { authorization }),
  };
  const ownsImagingStudy =
    amends && (await hasOwnImagingStudy(dependencies, { target, headers, studyUid }));
  const body = JSON.stringify(transactionOf(bundle, { amends, ownsImagingStudy, pdf }));
  const answer = await guardedRequest({
    url: target.url,
    headers: {
      ...headers,
      "content-type": "application/fhir+json",
      prefer: "return=minimal",
    },
    ...{ body, guard: dependencies.guard, timeoutMs: TIMEOUT_MS },
  });
  assertTaken(answer);
}

interface StudySearch {
  readonly target: Shipment<"fhir">["target"];
  readonly headers: Readonly<Record<string, string>>;
  readonly studyUid: string;
}

/** Whether the server has an ImagingStudy that Axial wrote; false where it may not be searched. */
async function hasOwnImagingStudy(
  { guard }: SendDependencies,
  { target, headers, studyUid }: StudySearch,
): Promise<boolean> {
  const { system, code } = imagingStudyTag(studyUid);
  const query = new URLSearchParams({ _tag: `${system}|${code}`, _summary: "count" });
  const answer = await guardedRequest({
    url: `${target.url.replace(/\/$/, "")}/ImagingStudy?${query}`,
    ...{ method: "GET", headers, guard, timeoutMs: TIMEOUT_MS },
  });
  if (answer.status >= 500) assertTaken(answer);
  if (answer.status !== 200) return false;
  try {
    const { total } = JSON.parse(answer.text) as { total?: unknown };
    return typeof total === "number" && total > 0;
  } catch {
    return false;
  }
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
