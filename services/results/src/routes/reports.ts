import type { TenantId } from "@axial/contracts";
import { baseUrl, principalOf } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "../dependencies.ts";
import { keepObjects } from "../objects/keep-objects.ts";
import { predecessorOf } from "../objects/object-uids.ts";
import { type RunSources, readRunSources } from "../objects/run-sources.ts";
import { renderFhir } from "../render/fhir/render-fhir.ts";
import { pdfOf } from "../render/pdf/pdf-of.ts";
import { pdfUid } from "../render/pdf/render-encapsulated-pdf.ts";
import { assertDicom } from "../render/report/report.ts";
import { ReportViewSchema, reportView } from "../render/report/report-view.ts";
import { renderSr, srUid } from "../render/sr/render-sr.ts";
import { studyView } from "../views/study-view.ts";
import { type ApiServer, StudyParams } from "./common.ts";

/** `GET …/report.{json,sr,fhir,pdf}`: renderings of one record, the current run of a study. */
export function reportRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    jsonRoute(server, dependencies);
    srRoute(server, dependencies);
    fhirRoute(server, dependencies);
    pdfRoute(server, dependencies);
  };
}

const config = { role: "reader", audit: "report.read" } as const;

function jsonRoute(server: ApiServer, dependencies: Dependencies): void {
  server.get(
    "/api/v1/studies/:study/report.json",
    {
      config,
      schema: {
        summary: "Get the current run as a coded report",
        params: StudyParams,
        response: { 200: ReportViewSchema },
      },
    },
    async (request) => {
      const { tenant } = principalOf(request);
      const { report, record } = await readReport(dependencies, tenant, request.params.study);
      return reportView(report, studyView(record));
    },
  );
}

function srRoute(server: ApiServer, dependencies: Dependencies): void {
  server.get(
    "/api/v1/studies/:study/report.sr",
    {
      config,
      schema: {
        summary: "Get the report as a DICOM Comprehensive 3D SR (TID 1500)",
        params: StudyParams,
      },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      const sources = await readReport(dependencies, tenant, request.params.study);
      const kept = await keptObject(dependencies, sources, srUid(sources.report));
      const object = kept ?? renderSr(sources.report, predecessorOf(sources));
      return reply.type("application/dicom").send(object);
    },
  );
}

function fhirRoute(server: ApiServer, dependencies: Dependencies): void {
  server.get(
    "/api/v1/studies/:study/report.fhir",
    {
      config,
      schema: {
        summary: "Get the report as a FHIR R4 Bundle with a DiagnosticReport",
        params: StudyParams,
      },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      const sources = await readReport(dependencies, tenant, request.params.study);
      assertDicom(sources.instances);
      const bundle = renderFhir({
        ...sources,
        series: sources.record.series,
        base: baseUrl(request),
      });
      return reply.type("application/fhir+json").send(JSON.stringify(bundle));
    },
  );
}

function pdfRoute(server: ApiServer, dependencies: Dependencies): void {
  server.get(
    "/api/v1/studies/:study/report.pdf",
    {
      config,
      schema: { summary: "The current run as one page for people, PDF", params: StudyParams },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      const sources = await readReport(dependencies, tenant, request.params.study);
      const kept = sources.instances.every(({ kind }) => kind === "dicom")
        ? await keptObject(dependencies, sources, pdfUid(sources.report))
        : null;
      const pdf =
        kept === null ? await dependencies.drawings.page(tenant, sources.report) : pdfOf(kept);
      return reply.type("application/pdf").send(pdf);
    },
  );
}

/** The object as it is kept; null while the run is unfinished, whose report may still grow. */
async function keptObject(
  dependencies: Dependencies,
  sources: RunSources,
  uid: string,
): Promise<Uint8Array | null> {
  assertDicom(sources.instances);
  if (!sources.report.complete) return null;
  const objects = await keepObjects(dependencies, sources);
  const object = objects.find(({ sopInstanceUid }) => sopInstanceUid === uid);
  return object === undefined ? null : dependencies.blobs.get(object.blob);
}

function readReport(dependencies: Dependencies, tenant: TenantId, studyUid: string) {
  return readRunSources(dependencies, { tenant, studyUid });
}
