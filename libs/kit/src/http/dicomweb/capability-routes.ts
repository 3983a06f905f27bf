import { AxialError, DICOMWEB } from "@axial/contracts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { acceptedTypes, covers } from "../accept.ts";
import { baseUrl } from "../base-url.ts";
import { asJson, capabilitiesOf } from "./capabilities.ts";
import { asWadl } from "./wadl.ts";

const WADL = "application/vnd.sun.wadl+xml";
const JSON_TYPE = "application/json";

/**
 * OPTIONS of every DICOMweb resource (PS3.18 8.9, annex H): `Allow`, and a description of the resource and
 * what lies below it. It holds no data and needs no key. Whichever service registers it first on a
 * server answers for all.
 */
export function registerCapabilities(server: FastifyInstance): void {
  for (const mount of [DICOMWEB, `/lanes/:lane${DICOMWEB}`]) {
    for (const url of [mount, `${mount}/*`]) {
      if (server.hasRoute({ method: "OPTIONS", url })) continue;
      server.options(
        url,
        {
          config: { public: true },
          schema: { summary: "What can be done with a resource", tags: ["DICOMweb"] },
        },
        answer,
      );
    }
  }
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { "*": path = "" } = request.params as { "*"?: string };
  const found = capabilitiesOf(path);
  if (found === null) throw new AxialError("not-found", { detail: "no such resource" });
  reply.header("allow", found.allow.join(", "));
  const base = `${baseUrl(request)}${DICOMWEB}`;
  const type = acceptedTypes(request.headers.accept)
    .map((range) => [WADL, JSON_TYPE].find((each) => covers(range.type, each)))
    .find((each) => each !== undefined);
  if (type === undefined) throw new AxialError("not-acceptable");
  if (type === JSON_TYPE) return reply.send(asJson(found, base));
  return reply.type(WADL).send(asWadl(found, base));
}
