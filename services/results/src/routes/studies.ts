import { LaneSchema, type StudyId, StudyStateSchema, StudyViewSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { type StudyRow, searchStudies } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { studyView } from "../views/study-view.ts";
import {
  CursorSchema,
  LimitSchema,
  Nullable,
  nextCursor,
  StudyParams,
  StudyUidSchema,
  studyOf,
  TimestampSchema,
} from "./common.ts";

const StudyListSchema = Type.Object({
  studies: Type.Array(
    Type.Object({
      study: Type.String(),
      state: StudyStateSchema,
      lane: LaneSchema,
      studyDate: Nullable(Type.String({ description: "YYYYMMDD, as it was sent" })),
      instances: Type.Integer(),
      receivedAt: TimestampSchema,
      completedAt: Nullable(TimestampSchema),
      unfinished: Nullable(Type.Integer()),
      predictions: Type.Integer(),
      refusals: Type.Integer(),
      dead: Type.Integer(),
    }),
  ),
  next: Nullable(CursorSchema),
});

const Text = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 64, description }));
const Day = (description: string) => Type.Optional(Type.String({ format: "date", description }));

/** What is searched for in a study's tags and answers. */
const SearchProperties = {
  patient: Text("PatientID, or a part of the patient's name"),
  accession: Text("AccessionNumber"),
  from: Day("StudyDate from"),
  to: Day("StudyDate to, that day included"),
  label: Text("label of a current prediction"),
  model: Text("model of a current prediction"),
  site: Text("InstitutionName of a series"),
};

/** Studies: the search, and a single study with all its answers. */
export function studyRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/studies/:study",
      {
        config: { role: "reader", audit: "study.read" },
        schema: {
          summary: "Get a study: state, series, predictions, refusals, runs",
          params: StudyParams,
          response: { 200: StudyViewSchema },
        },
      },
      async (request) => {
        const { tenant } = principalOf(request);
        return studyView(await studyOf(dependencies, tenant, request.params.study));
      },
    );

    server.get(
      "/api/v1/studies",
      {
        config: { role: "reader", audit: "study.list" },
        schema: {
          summary: "List studies, newest first",
          querystring: Type.Object({
            state: Type.Optional(StudyStateSchema),
            lane: Type.Optional(LaneSchema),
            study: Type.Optional(StudyUidSchema),
            ...SearchProperties,
            cursor: Type.Optional(CursorSchema),
            limit: LimitSchema,
          }),
          response: { 200: StudyListSchema },
        },
      },
      async (request) => {
        const { cursor, limit, from, to, ...filter } = request.query;
        const rows = await searchStudies(dependencies.db, {
          ...filter,
          ...(from === undefined ? {} : { from: dicomDate(from) }),
          ...(to === undefined ? {} : { to: dicomDate(to) }),
          ...(cursor === undefined ? {} : { after: cursor as StudyId }),
          tenant: principalOf(request).tenant,
          limit,
        });
        return { studies: rows.map(studyItem), next: nextCursor(rows, limit) };
      },
    );
  };
}

const dicomDate = (day: string) => day.replaceAll("-", "");

function studyItem(row: StudyRow) {
  return {
    study: row.study_uid,
    state: row.state,
    lane: row.lane,
    studyDate: row.study_date,
    instances: row.instance_count,
    receivedAt: row.received_at.toISOString(),
    completedAt: row.completed_at?.toISOString() ?? null,
    unfinished: row.unfinished,
    predictions: row.predictions,
    refusals: row.refusals,
    dead: row.dead,
  };
}
