import { BlobKeySchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { knownInstances } from "@axial/store/ingest";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";

/** Hashes of one request: 65 KB. A client asks for each of its requests, of 128 files. */
const MAX_HASHES = 1_000;

const schema = {
  summary: "Which of these instances the tenant has already",
  description: "SHA-256 of the files as they are; what is known need not be sent again.",
  tags: ["studies"],
  body: Type.Object({
    hashes: Type.Array(BlobKeySchema, { maxItems: MAX_HASHES }),
  }),
  response: {
    200: Type.Object({ known: Type.Array(BlobKeySchema) }),
  },
};

/** `POST /api/v1/instances/known`. */
export function knownInstanceRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/api/v1/instances/known",
      { config: { role: "sender", forTenants: true }, schema },
      async (request) => ({
        known: await knownInstances(db, principalOf(request).tenant, request.body.hashes),
      }),
    );
  };
}
