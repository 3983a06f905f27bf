import { AxialError, type StudyId, StudyStateSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import {
  contradictions,
  FIRST_IDENTITY,
  IDENTITY_FACTS,
  identityOf,
  type NamedPatient,
  readPatients,
  resolveIdentities,
} from "@axial/store/patients";
import { findStudy, readStudyState } from "@axial/store/planning";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { StudyParams } from "./common.ts";

const PATH = "/api/v1/studies/:study/resolve";
const config = { role: "operator", audit: "study.read" } as const;

const Patients = Type.Object({
  study: Type.String(),
  contradicting: Type.Array(Type.String(), {
    description: "keywords of the attributes that contradict each other",
  }),
  patients: Type.Array(
    Type.Object({
      id: Type.String({ description: "value for `keep`" }),
      instances: Type.Integer(),
      attributes: Type.Record(Type.String(), Type.Unknown(), {
        description: "name, number, issuer, birth date and sex as DICOM JSON",
      }),
    }),
  ),
});

const Decision = Type.Object({
  keep: Type.String({
    pattern: "^(first|[0-9a-f]{32})$",
    description: "whose demographics are kept",
  }),
  others: Type.Enum(["merge", "remove"], {
    description:
      "merge: all images are that patient's; remove: the other patients' images are removed",
  }),
});

/** `…/resolve`: the patients that a held study names, and an operator's decision on who it is. */
export function resolveRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const shown = { summary: "List the patients that a held study names", tags: ["studies"] };
    server.get(
      PATH,
      { config, schema: { ...shown, params: StudyParams, response: { 200: Patients } } },
      async (request) => {
        const study = await findStudy(db, principalOf(request).tenant, request.params.study);
        if (study === null) throw new AxialError("not-found", { detail: "no such study" });
        return patientsView(request.params.study, await readPatients(db, study));
      },
    );

    const answer = Type.Object({ study: Type.String(), state: StudyStateSchema });
    const decided = { summary: "Decide who the patient of a held study is", tags: ["studies"] };
    server.post(
      PATH,
      {
        config,
        schema: { ...decided, params: StudyParams, body: Decision, response: { 200: answer } },
      },
      async (request) => {
        const principal = principalOf(request);
        const { tenant } = principal;
        return db.transaction().execute(async (trx) => {
          const study: StudyId | null = await findStudy(trx, tenant, request.params.study);
          if (study === null) throw new AxialError("not-found", { detail: "no such study" });
          if (!(await resolveIdentities(trx, { study, tenant }, request.body))) {
            throw new AxialError("conflict", { detail: "there is no such conflict to resolve" });
          }
          const detail = { others: request.body.others, keep: request.body.keep };
          await writeAudit(trx, { principal, action: "study.resolve", target: study, detail });
          const now = await readStudyState(trx, study);
          return { study: request.params.study, state: now?.state ?? "closed" };
        });
      },
    );
  };
}

function patientsView(study: string, patients: readonly NamedPatient[]) {
  const first = identityOf(patients.find(({ id }) => id === FIRST_IDENTITY)?.tags ?? {});
  const facts = patients.flatMap(({ tags }) => contradictions(first, identityOf(tags)));
  return {
    study,
    contradicting: [...new Set(facts)].map((fact) => IDENTITY_FACTS[fact]),
    patients: patients.map(({ id, instances, tags }) => ({ id, instances, attributes: tags })),
  };
}
