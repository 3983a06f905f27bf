import type { TenantId } from "@axial/contracts";
import { baseUrl, principalOf } from "@axial/kit";
import { listInstances } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "../dependencies.ts";
import { renderFhir } from "../render/fhir/render-fhir.ts";
import { assertDicom, buildReport } from "../render/report/report.ts";
import { ReportViewSchema, reportView } from "../render/report/report-view.ts";
import { renderSr } from "../render/sr/render-sr.ts";
import { studyView } from "../views/study-view.ts";
import { type ApiServer, StudyParams, studyOf } from "./common.ts";

/** `GET …/report.{json,sr,fhir}`: renderings of one record, the current run of a study. */
export function reportRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    jsonRoute(server, dependencies);
    srRoute(server, dependencies);
    fhirRoute(server, dependencies);
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
      const { report, instances } = await readReport(dependencies, tenant, request.params.study);
      assertDicom(instances);
      return reply.type("application/dicom").send(renderSr(report));
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

async function readReport(dependencies: Dependencies, tenant: TenantId, studyUid: string) {
  const record = await studyOf(dependencies, tenant, studyUid);
  const [instances, models] = await Promise.all([
    listInstances(dependencies.db, tenant, record.study.id),
    dependencies.models.all(),
  ]);
  return { record, instances, report: buildReport({ record, instances, models }) };
}
