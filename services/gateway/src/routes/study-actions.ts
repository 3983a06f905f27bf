import {
  AxialError,
  type KeyScope,
  ModelRefSchema,
  modelsWithin,
  type StudyId,
  StudyStateSchema,
} from "@axial/contracts";
import { principalOf, scopeOf, withdrawJobs } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import type { DatabaseTransaction } from "@axial/store/database";
import { lockIdempotencyKey } from "@axial/store/keys";
import {
  cancelStudy,
  closeStudy,
  findStudy,
  readStudyState,
  rerunStudy,
  type WithdrawnJob,
} from "@axial/store/planning";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { StudyParams } from "./common.ts";
import { type Answer, answerOnce, IdempotencyHeaders, keyedRequest } from "./idempotency.ts";

const ActionAnswer = Type.Object({ study: Type.String(), state: StudyStateSchema });

const ActionBody = Type.Union([
  Type.Null(),
  Type.Object({
    models: Type.Optional(Type.Array(ModelRefSchema, { minItems: 1, maxItems: 64 })),
  }),
]);

interface Act {
  readonly trx: DatabaseTransaction;
  readonly study: StudyId;
  readonly body: Static<typeof ActionBody>;
  /** What the key is for. */
  readonly scope: KeyScope;
  /** Of the request; null without tracing. */
  readonly traceParent: string | null;
}

const ACTIONS = {
  close: {
    role: "sender",
    summary: "Close the study: no more instances will come, so plan it",
    act: close,
  },
  rerun: { role: "operator", summary: "Plan and run the study again", act: rerun },
  cancel: { role: "operator", summary: "Cancel the study's unfinished work", act: cancel },
} as const;

/** `POST /api/v1/studies/{study}/close|rerun|cancel`. */
export function studyActionRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
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
          const { body } = await perform(dependencies, { name, act }, request);
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
  /** Resolves with the jobs to withdraw after the commit. */
  readonly act: (dependencies: Dependencies, act: Act) => Promise<readonly WithdrawnJob[]>;
}

/** The action, its audit entry and the stored answer are committed together or not at all. */
async function perform(
  dependencies: Dependencies,
  { name, act }: Action,
  request: ActionRequest,
): Promise<Answer<Static<typeof ActionAnswer>>> {
  const studyUid = request.params.study;
  const body = request.body ?? null;
  const principal = principalOf(request);
  const keyed = keyedRequest(request, JSON.stringify(body));
  let withdrawn: readonly WithdrawnJob[] = [];
  const answer = await dependencies.db.transaction().execute(async (trx) => {
    if (keyed !== null) await lockIdempotencyKey(trx, keyed);
    return answerOnce(trx, keyed, async () => {
      const study = await findStudy(trx, principal.tenant, studyUid);
      if (study === null) throw new AxialError("not-found", { detail: "no such study" });
      withdrawn = await act(dependencies, {
        ...{ trx, study, body, scope: scopeOf(request) },
        traceParent: request.span?.traceParent ?? null,
      });
      await writeAudit(trx, { principal, action: `study.${name}`, target: study });
      const now = await readStudyState(trx, study);
      return { status: 200, body: { study: studyUid, state: now?.state ?? "closed" } };
    });
  });
  await withdrawJobs(dependencies.queues, withdrawn);
  return answer;
}

async function close(_dependencies: Dependencies, { trx, study }: Act): Promise<WithdrawnJob[]> {
  await closeStudy(trx, study);
  return [];
}

async function rerun(
  { models }: Dependencies,
  { trx, study, body, scope, traceParent }: Act,
): Promise<WithdrawnJob[]> {
  for (const id of body?.models ?? []) await models.demand(id);
  const wanted = modelsWithin(scope, body?.models ?? null);
  if (await rerunStudy(trx, study, { models: wanted, traceParent })) return [];
  throw new AxialError("conflict", { detail: "its images were removed by retention" });
}

function cancel(_dependencies: Dependencies, { trx, study }: Act): Promise<WithdrawnJob[]> {
  return cancelStudy(trx, study);
}
