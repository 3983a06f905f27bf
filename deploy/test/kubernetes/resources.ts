import type { KubernetesObject } from "../../src/kubernetes-object.ts";
import type { Answer, ApiServer } from "./api-server.ts";

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Creates objects at an API server, whose resources it discovers once for each group and version. */
export class Resources {
  readonly #server: ApiServer;
  readonly #groups = new Map<string, readonly Resource[]>();

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** Null where the server does not know the object's kind. */
  async create(object: KubernetesObject, query = ""): Promise<Answer | null> {
    const { apiVersion, kind, metadata } = object;
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const resource = (await this.#resources(base)).find((each) => each.kind === kind);
    if (resource === undefined) return null;
    const place = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return this.#server.call("POST", `${base}${place}/${resource.name}${query}`, object);
  }

  async #resources(base: string): Promise<readonly Resource[]> {
    const known = this.#groups.get(base);
    if (known !== undefined) return known;
    const { status, body } = await this.#server.call("GET", base);
    if (status !== 200) return [];
    // "pods/status" is a part of another resource.
    const found = (body.resources as Resource[]).filter(({ name }) => !name.includes("/"));
    this.#groups.set(base, found);
    return found;
  }
}
