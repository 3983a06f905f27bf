import {
  AxialError,
  NewPullSchema,
  PullStateSchema,
  type PullView,
  PullViewSchema,
  UidSchema,
} from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import { notify } from "@axial/store/notify";
import {
  cancelPull,
  findPull,
  findSource,
  listPulls,
  type PullRow,
  retryPull,
  type SourceRow,
} from "@axial/store/sources";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { openSource } from "../sources/open-source.ts";
import { pullAll } from "../sources/pull-study.ts";
import { noSuchSource } from "./sources.ts";

const PULLS = "/api/v1/pulls";
const tags = ["sources"];
const Id = Type.String({ pattern: "^[0-9a-f]{32}$" });
const params = Type.Object({ id: Id });
const MAX_PAGE = 1_000;
/** A patient's studies are asked for while the caller waits. */
const SEARCH_TIMEOUT_MS = 30_000;
/** Studies of one patient that one request pulls; a chronic patient has some hundred. */
const MAX_STUDIES = 200;

/** `POST /api/v1/studies/pull` and `/api/v1/pulls`: studies that are fetched from a source. */
export function pullRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  const { db, models: catalogue } = dependencies;
  return async (server) => {
    server.post(
      "/api/v1/studies/pull",
      {
        config: { role: "operator" },
        schema: {
          summary: "Pull a study, or a patient's studies, from a source",
          tags,
          body: NewPullSchema,
          response: { 202: Type.Object({ pulls: Type.Array(PullViewSchema) }) },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const { tenant } = principal;
        const { study, patient, lane = null, models = null, priors = 0 } = request.body;
        if ((study === undefined) === (patient === undefined)) {
          throw new AxialError("invalid-request", { detail: "either study or patient" });
        }
        for (const id of models ?? []) await catalogue.demand(id);
        const source = await findSource(db, tenant, request.body.source);
        if (source === null) throw noSuchSource();
        const studies =
          study === undefined
            ? await studiesOf(dependencies, source, patient ?? "")
            : [{ studyUid: study }];
        const wanted = { tenant, source: source.id, lane, models, priors };
        const ids = await pullAll(dependencies, wanted, studies);
        const detail = { source: source.name, studies: String(ids.length) };
        await db.transaction().execute(async (trx) => {
          await writeAudit(trx, { principal, action: "study.pull", target: source.id, detail });
          await notify(trx, { event: "pulls-due" });
        });
        const rows = await Promise.all(ids.map((id) => findPull(db, tenant, id)));
        return reply.code(202).send({ pulls: rows.flatMap((row) => (row ? [pullView(row)] : [])) });
      },
    );

    server.get(
      PULLS,
      {
        config: { role: "operator" },
        schema: {
          summary: "Pulls, newest first",
          tags,
          querystring: Type.Object({
            state: Type.Optional(PullStateSchema),
            study: Type.Optional(UidSchema),
            after: Type.Optional(Id),
            limit: Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 100 }),
          }),
          response: { 200: Type.Object({ pulls: Type.Array(PullViewSchema) }) },
        },
      },
      async (request) => {
        const { state = null, study: studyUid = null, after: before = null, limit } = request.query;
        const { tenant } = principalOf(request);
        const rows = await listPulls(db, { tenant, state, studyUid, before, limit });
        return { pulls: rows.map(pullView) };
      },
    );

    server.get(
      `${PULLS}/:id`,
      {
        config: { role: "operator" },
        schema: {
          summary: "A pull and how far it has come",
          tags,
          params,
          response: { 200: PullViewSchema },
        },
      },
      async (request) => {
        const row = await findPull(db, principalOf(request).tenant, request.params.id);
        if (row === null) throw noSuchPull();
        return pullView(row);
      },
    );

    for (const [action, { act, summary }] of Object.entries(ACTIONS)) {
      server.post(
        `${PULLS}/:id/${action}`,
        {
          config: { role: "operator" },
          schema: { summary, tags, params, response: { 200: PullViewSchema } },
        },
        async (request) => {
          const { tenant } = principalOf(request);
          const { id } = request.params;
          const done = await act(db, tenant, id);
          const row = await findPull(db, tenant, id);
          if (row === null) throw noSuchPull();
          if (!done) throw new AxialError("conflict", { detail: `the pull is ${row.state}` });
          return pullView(row);
        },
      );
    }
  };
}

const ACTIONS = {
  retry: { act: retryPull, summary: "Pull again what failed or was cancelled" },
  cancel: { act: cancelPull, summary: "Pull no more of it; what is here stays" },
} as const;

/** `peer-unreachable` where the source does not answer, `not-found` where the patient has none. */
async function studiesOf(
  { guard }: Dependencies,
  source: SourceRow,
  patientId: string,
): Promise<{ readonly studyUid: string }[]> {
  if (/[*?\\]/.test(patientId)) {
    throw new AxialError("invalid-request", { detail: "a patient id without wildcards" });
  }
  const signal = AbortSignal.timeout(SEARCH_TIMEOUT_MS);
  const found = await openSource(source, { guard, signal }).search({ patientId });
  const studies = found.filter((one) => one.patientId === patientId);
  if (studies.length === 0) {
    throw new AxialError("not-found", { detail: "the source has no study of this patient" });
  }
  if (studies.length > MAX_STUDIES) {
    throw new AxialError("limit-exceeded", {
      detail: `limit: ${MAX_STUDIES} studies of a patient`,
    });
  }
  return studies;
}

function noSuchPull(): AxialError {
  return new AxialError("not-found", { detail: "no such pull" });
}

function pullView(row: PullRow): PullView {
  return {
    ...{ id: row.id, source: row.source_id, sourceName: row.source_name, study: row.study_uid },
    ...{ state: row.state, found: row.found, present: row.present, attempts: row.attempts },
    ...{ priors: row.priors, lastError: row.last_error },
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
