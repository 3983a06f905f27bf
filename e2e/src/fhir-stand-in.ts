import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const TOKEN = "t0ken";

interface Entry {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly ifNoneExist?: string;
  };
  readonly resource: { readonly resourceType: string };
}

/** A FHIR server as far as a transaction of conditional creates needs one, behind OAuth 2.0. */
export interface FhirStandIn {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts one on a free port: tokens at `/token` for the client `axial` with the secret `s3cret`,
 * transactions at `/fhir`, searches by type below it.
 */
export async function startFhirStandIn(): Promise<FhirStandIn> {
  /** By type and search key: what is looked for by the same key is the same resource. */
  const resources = new Map<string, Entry["resource"]>();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const answer = (status: number, content: object) =>
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify(content));
    if (request.url === "/token") giveToken(request, response);
    else if (request.method === "GET") answer(200, search(resources, request.url ?? ""));
    else if (request.headers.authorization !== `Bearer ${TOKEN}`) answer(401, {});
    else answer(200, transact(resources, JSON.parse(body) as { entry: readonly Entry[] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

function giveToken(request: IncomingMessage, response: ServerResponse): void {
  const known = `Basic ${Buffer.from("axial:s3cret").toString("base64")}`;
  const status = request.headers.authorization === known ? 200 : 401;
  const content = status === 200 ? { access_token: TOKEN, token_type: "Bearer" } : {};
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
}

/** FHIR R4 3.1.0.8.1: a match of `ifNoneExist` creates nothing. */
function transact(
  resources: Map<string, Entry["resource"]>,
  { entry }: { readonly entry: readonly Entry[] },
): object {
  const answers = entry.map(({ request, resource }) => {
    const key = `${resource.resourceType}?${request.ifNoneExist ?? request.url.split("?")[1]}`;
    const isNew = !resources.has(key);
    if (isNew || request.method === "PUT") resources.set(key, resource);
    return { response: { status: isNew ? "201 Created" : "200 OK" } };
  });
  return { resourceType: "Bundle", type: "transaction-response", entry: answers };
}

function search(resources: ReadonlyMap<string, Entry["resource"]>, url: string): object {
  const type = url.split("/").at(-1);
  const found = [...resources.values()].filter(({ resourceType }) => resourceType === type);
  const entry = found.map((resource) => ({ resource }));
  return { resourceType: "Bundle", type: "searchset", total: found.length, entry };
}
