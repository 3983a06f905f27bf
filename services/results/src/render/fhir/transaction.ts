import type { Bundle, Resource } from "./fhir-types.ts";
import { PROVENANCE_TAG, REPORT_SYSTEM } from "./render-fhir.ts";

interface TransactionOptions {
  /** The report replaces an earlier one, which it takes the place of. */
  readonly amends: boolean;
  /** The server's ImagingStudy of this study is one that Axial wrote: it gets what came late. */
  readonly ownsImagingStudy?: boolean;
  /** A PDF that goes with the report. */
  readonly pdf?: Buffer | null;
}

/**
 * The bundle as a transaction of conditional creates (FHIR R4 http.html, 3.1.0.8.1): each resource
 * is looked for by an identifier of its own, so that a repetition creates nothing. An amended report
 * is a conditional update: a study has one report, whose versions the server keeps; so is its
 * ImagingStudy, unless it is another's.
 */
export function transactionOf(
  bundle: Bundle,
  { amends, ownsImagingStudy = false, pdf = null }: TransactionOptions,
): object {
  return {
    resourceType: "Bundle",
    type: "transaction",
    entry: bundle.entry.map(({ fullUrl, resource }) => {
      const isReport = resource.resourceType === "DiagnosticReport";
      const { id: _local, ...content } = isReport ? withPdf(resource, pdf) : resource;
      const key = searchKey(resource);
      const { resourceType } = resource;
      const isOwnStudy = resource.resourceType === "ImagingStudy" && ownsImagingStudy;
      const request =
        amends && (isReport || isOwnStudy)
          ? { method: "PUT", url: `${resourceType}?${key}` }
          : { method: "POST", url: resourceType, ifNoneExist: key };
      return { fullUrl, resource: content, request };
    }),
  };
}

function withPdf(resource: Resource, pdf: Buffer | null): Resource {
  if (pdf === null) return resource;
  const data = pdf.toString("base64");
  return { ...resource, presentedForm: [{ contentType: "application/pdf", data }] };
}

interface Identifier {
  readonly system?: string;
  readonly value: string;
}

/** Systems that name exactly one resource, best first. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  DiagnosticReport: [REPORT_SYSTEM],
  ImagingStudy: ["urn:dicom:uid"],
};

function searchKey(resource: Resource): string {
  const { meta } = resource as { meta?: { tag: readonly { system: string; code: string }[] } };
  const [tag] = meta?.tag ?? [];
  if (tag?.system === PROVENANCE_TAG) return `_tag=${token(tag.system, tag.code)}`;
  const identifiers = (resource.identifier ?? []) as readonly Identifier[];
  const wanted = KEYS[resource.resourceType];
  const found = identifiers.find(
    ({ system }) => system !== undefined && (wanted === undefined || wanted.includes(system)),
  );
  if (found?.system === undefined) throw new Error(`no identifier: ${resource.resourceType}`);
  return `identifier=${token(found.system, found.value)}`;
}

function token(system: string, value: string): string {
  return `${encodeURIComponent(system)}|${encodeURIComponent(value)}`;
}
