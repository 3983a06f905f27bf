import {
  EVIDENCE_STATEMENT,
  EvidenceSchema,
  type Label,
  type ModelPackage,
} from "@axial/contracts";
import { readWorkers } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";

const LabelsSchema = Type.Array(Type.Object({ id: Type.String(), display: Type.String() }));

const ModelItemSchema = Type.Object({
  id: Type.String(),
  version: Type.String(),
  title: Type.String(),
  evidence: EvidenceSchema,
  statement: Type.String(),
  sha256: Type.String(),
  runtime: Type.String(),
  intendedUse: Type.String(),
  licence: Type.Object({ weights: Type.String(), data: Type.String() }),
  modality: Type.Array(Type.String()),
  heads: Type.Array(
    Type.Object({
      name: Type.String(),
      labels: LabelsSchema,
      marginals: Type.Array(Type.Object({ name: Type.String(), labels: LabelsSchema })),
    }),
  ),
  heatmaps: Type.Boolean(),
  metrics: Type.Object({
    data: Type.String(),
    values: Type.Record(Type.String(), Type.Number()),
  }),
  workers: Type.Integer({ description: "live workers that serve the model" }),
});

/** `GET /api/v1/models`: what is installed, what it rests on, and how many workers serve it. */
export function modelRoutes({ db, models }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/models",
      {
        config: { role: "reader" },
        schema: {
          summary: "List installed models",
          response: { 200: Type.Object({ models: Type.Array(ModelItemSchema) }) },
        },
      },
      async () => {
        const [packages, workers] = await Promise.all([models.all(), readWorkers(db)]);
        const serving = (id: string) => workers.filter((worker) => worker.models.includes(id));
        return { models: packages.map((pkg) => modelItem(pkg, serving(pkg.id).length)) };
      },
    );
  };
}

function modelItem(pkg: ModelPackage, workers: number) {
  return {
    id: pkg.id,
    version: pkg.version,
    title: pkg.title,
    evidence: pkg.evidence,
    statement: EVIDENCE_STATEMENT[pkg.evidence],
    sha256: pkg.weights.sha256,
    runtime: pkg.runtime,
    intendedUse: pkg.intendedUse,
    licence: pkg.licence,
    modality: pkg.selector.modality,
    heads: pkg.heads.map((head) => ({
      name: head.name,
      labels: head.labels.map(labelItem),
      marginals: (head.marginals ?? []).map(({ name, labels }) => ({
        name,
        labels: labels.map(labelItem),
      })),
    })),
    heatmaps: pkg.explanation !== undefined,
    metrics: pkg.metrics,
    workers,
  };
}

function labelItem({ id, display }: Label) {
  return { id, display };
}
