import { AxialError, type Canary, CanarySchema } from "@axial/contracts";
import { type Principal, principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import {
  type CanaryRow,
  chooseVersion,
  forgetChoice,
  lockCanary,
  readCanaries,
} from "@axial/store/canaries";
import type { DatabaseTransaction } from "@axial/store/database";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { decideCanary } from "../canaries/decide-canary.ts";
import { promote, rollBack } from "../canaries/end-canary.ts";
import { canaryView } from "../canaries/view.ts";
import type { Dependencies } from "../dependencies.ts";
import { versionsOfBackfill } from "../plan/versions-in-use.ts";
import { demandHome, strictly } from "./common.ts";

const PATH = "/api/v1/canaries";
const tags = ["canaries"];
const params = Type.Object({ model: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }) });
const Version = Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$", maxLength: 32 });

const Start = Type.Object(
  {
    version: Version,
    percent: Type.Integer({
      ...{ minimum: 1, maximum: 99 },
      description: "of live studies (STAT and routine); a backfill never gets a canary",
    }),
    stable: Type.Optional(
      Type.String({ ...Version, description: "for the rest; left out: what it gets now" }),
    ),
  },
  { additionalProperties: false },
);
const Ended = Type.Object({
  model: Type.String(),
  version: Type.String({ description: "that all traffic gets from now on" }),
});

type Act = (trx: DatabaseTransaction, canary: CanaryRow | null, model: string) => Promise<string>;

/**
 * `/api/v1/canaries`: models whose version in use is chosen. Models are the installation's, so this
 * is for its admins, and every change is audited.
 */
export function canaryRoutes({ db, models }: Dependencies): FastifyPluginAsyncTypebox {
  const demandOne = async (model: string): Promise<CanaryRow> => demand(await find(model));
  const find = async (model: string) =>
    (await readCanaries(db)).find(({ model_id }) => model_id === model) ?? null;
  const view = async (row: CanaryRow): Promise<Canary> => canaryView(db, row, await models.all());

  /** One change under the model's lock, with its entry in the audit. */
  const change = (principal: Principal, model: string, { name, act }: { name: string; act: Act }) =>
    db.transaction().execute(async (trx) => {
      const version = await act(trx, await lockCanary(trx, model), model);
      await writeAudit(trx, {
        ...{ principal, action: `canary.${name}`, target: model },
        detail: { version },
      });
      return { model, version };
    });

  const actions: Readonly<Record<string, { summary: string; act: Act }>> = {
    promote: {
      summary: "Give the canary to all of the traffic",
      act: async (trx, canary) => promote(trx, demand(canary), await models.all()),
    },
    rollback: {
      summary: "Take the canary back: all of the traffic gets what the rest had",
      act: (trx, canary) => rollBack(trx, demand(canary)),
    },
    hold: {
      summary: "Keep the version in use when a newer one is installed",
      act: async (trx, canary, model) => {
        if (canary?.canary_version) throw conflict("a canary runs: promote it or roll it back");
        const { inUse } = versionsOfBackfill(await models.all(), canary === null ? [] : [canary]);
        const version = inUse.find((offered) => offered.model.id === model)?.model.version;
        if (version === undefined) throw new AxialError("model-not-found");
        await chooseVersion(trx, { model, stable: version, canary: null });
        return version;
      },
    },
    release: {
      summary: "Hold no version any more: new work gets the newest",
      act: async (trx, canary, model) => {
        if (demand(canary).canary_version !== null) {
          throw conflict("a canary runs: promote it or roll it back");
        }
        await forgetChoice(trx, model);
        return (await models.demand(model)).version;
      },
    },
  };

  return async (server) => {
    server.get(
      PATH,
      {
        config: { role: "operator" },
        schema: {
          summary: "Models whose version in use is chosen: held, or with a canary",
          tags,
          response: { 200: Type.Object({ canaries: Type.Array(CanarySchema) }) },
        },
      },
      async (request) => {
        demandHome(principalOf(request));
        const canaries: Canary[] = [];
        for (const row of await readCanaries(db)) canaries.push(await view(row));
        return { canaries };
      },
    );

    server.get(
      `${PATH}/:model`,
      {
        config: { role: "operator" },
        schema: {
          summary: "What a canary and the rest of the traffic answered",
          tags,
          params,
          response: { 200: CanarySchema },
        },
      },
      async (request) => {
        demandHome(principalOf(request));
        return view(await demandOne(request.params.model));
      },
    );

    server.put(
      `${PATH}/:model`,
      {
        config: { role: "admin" },
        schema: {
          summary: "Give a share of the live traffic to a version, or change the share",
          tags,
          params,
          body: Start,
          response: { 200: CanarySchema },
        },
        validatorCompiler: strictly,
      },
      async (request) => {
        const principal = demandHome(principalOf(request));
        const { model } = request.params;
        const { version, percent, stable = null } = request.body;
        const wanted = { model, version, percent, stable };
        await db.transaction().execute(async (trx) => {
          const current = await lockCanary(trx, model);
          const division = decideCanary(wanted, await models.all(), current);
          await chooseVersion(trx, { model, ...division });
          await writeAudit(trx, {
            ...{ principal, action: "canary.start", target: model },
            detail: { version, percent, stable: division.stable },
          });
        });
        return view(await demandOne(model));
      },
    );

    for (const [name, { summary, act }] of Object.entries(actions)) {
      server.post(
        `${PATH}/:model/${name}`,
        { config: { role: "admin" }, schema: { summary, tags, params, response: { 200: Ended } } },
        (request: FastifyRequest<{ Params: { model: string } }>) =>
          change(demandHome(principalOf(request)), request.params.model, { name, act }),
      );
    }
  };
}

function demand(canary: CanaryRow | null): CanaryRow {
  if (canary !== null) return canary;
  throw new AxialError("not-found", { detail: "the version of this model is not chosen" });
}

function conflict(detail: string): AxialError {
  return new AxialError("conflict", { detail });
}
