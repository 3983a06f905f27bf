import { AxialError, type StudyId, StudyStateSchema } from "@axial/contracts";
import { type Principal, principalOf } from "@axial/kit";
import {
  cancelStudy,
  closeStudies,
  findStudy,
  readStudyState,
  rerunStudy,
  writeAudit,
} from "@axial/store";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { withdrawJobs } from "../plan/withdraw-jobs.ts";
import type { GatewayServices } from "../services.ts";
import { StudyParams } from "./common.ts";
import { type Answer, IdempotencyHeaders, idempotent } from "./idempotency.ts";

const ActionAnswer = Type.Object({ study: Type.String(), state: StudyStateSchema });

const ActionBody = Type.Union([
  Type.Null(),
  Type.Object({
    models: Type.Optional(
      Type.Array(Type.String({ maxLength: 63 }), { minItems: 1, maxItems: 64 }),
    ),
  }),
]);

interface Act {
  readonly study: StudyId;
  readonly principal: Principal;
  readonly body: Static<typeof ActionBody>;
}

const ACTIONS = {
  close: { role: "sender", summary: "No more instances will come: plan the study", act: close },
  rerun: { role: "operator", summary: "Plan and run the study anew", act: rerun },
  cancel: { role: "operator", summary: "Drop the study's unfinished work", act: cancel },
} as const;

/** `POST /api/v1/studies/{study}/close|rerun|cancel`. */
export function studyActionRoutes(services: GatewayServices): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const [name, { role, summary, act }] of Object.entries(ACTIONS)) {
      const schema = {
        summary,
        tags: ["studies"],
        params: StudyParams,
        headers: IdempotencyHeaders,
        body: Type.Optional(ActionBody),
        response: { 200: ActionAnswer },
      };
      server.post(
        `/api/v1/studies/:study/${name}`,
        { config: { role }, schema },
        async (request) => {
          const { body } = await perform(services, { name, act }, request);
          return body;
        },
      );
    }
  };
}

type ActionRequest = FastifyRequest<{
  Params: Static<typeof StudyParams>;
  Headers: Static<typeof IdempotencyHeaders>;
  Body: Static<typeof ActionBody> | undefined;
}>;

interface Action {
  readonly name: string;
  readonly act: (services: GatewayServices, act: Act) => Promise<void>;
}

function perform(
  services: GatewayServices,
  { name, act }: Action,
  request: ActionRequest,
): Promise<Answer<Static<typeof ActionAnswer>>> {
  const { db } = services;
  const studyUid = request.params.study;
  const body = request.body ?? null;
  return idempotent(services, { request, content: JSON.stringify(body) }, async () => {
    const principal = principalOf(request);
    const study = await findStudy(db, principal.tenant, studyUid);
    if (study === null) throw new AxialError("not-found", { detail: "no such study" });
    await act(services, { study, principal, body });
    await writeAudit(db, { principal, action: `study.${name}`, target: study });
    const now = await readStudyState(db, study);
    return { status: 200, body: { study: studyUid, state: now?.state ?? "closed" } };
  });
}

async function close({ db }: GatewayServices, { study, principal }: Act): Promise<void> {
  await closeStudies(db, principal.tenant, { ids: [study], reason: "explicit" });
}

async function rerun({ db, models }: GatewayServices, { study, body }: Act): Promise<void> {
  for (const id of body?.models ?? []) await models.demand(id);
  if (await rerunStudy(db, study, { models: body?.models ?? null })) return;
  throw new AxialError("conflict", { detail: "its images were removed by retention" });
}

async function cancel({ db, queues }: GatewayServices, { study }: Act): Promise<void> {
  await withdrawJobs(queues, await cancelStudy(db, study));
}
