import { Readable } from "node:stream";
import { AxialError, asAxialError, DICOMWEB } from "@axial/contracts";
import { baseUrl, principalOf } from "@axial/kit";
import type { ArchivePath, StoredInstance } from "@axial/store/search";
import type { FastifyReply, FastifyRequest } from "fastify";
import { acceptOf } from "../accept-of.ts";
import type { Dependencies } from "../dependencies.ts";
import { findInstances } from "./resource.ts";
import { begun } from "./streams.ts";

/** One request for a stored resource and its reply. */
export class Exchange {
  readonly dependencies: Dependencies;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;

  constructor(dependencies: Dependencies, request: FastifyRequest, reply: FastifyReply) {
    this.dependencies = dependencies;
    this.request = request;
    this.reply = reply;
  }

  get accept(): string | undefined {
    return acceptOf(this.request);
  }

  get base(): string {
    return `${baseUrl(this.request)}${DICOMWEB}`;
  }

  get params(): ArchivePath & { readonly frames?: string; readonly "*"?: string } {
    return this.request.params as ArchivePath;
  }

  /** What the path names; `not-found` otherwise. */
  instances(): Promise<readonly [StoredInstance, ...StoredInstance[]]> {
    return findInstances(this.dependencies.db, principalOf(this.request).tenant, this.params);
  }

  /** Sends a body whose first bytes are waited for: until then a failure is a status. */
  async send(type: string, body: AsyncIterable<Buffer>): Promise<FastifyReply> {
    const started = await begun(body).catch((thrown: unknown) => {
      throw asAnswer(thrown);
    });
    return this.reply.type(type).send(Readable.from(started, { objectMode: false }));
  }
}

/** Undecodable pixels are not a server error: there is no such representation. */
export function asAnswer(thrown: unknown): AxialError {
  const error = asAxialError(thrown);
  if (error.status !== 422) return error;
  return new AxialError("not-acceptable", { detail: error.code, cause: error });
}

/** The value, or `not-acceptable`. */
export function demand<T>(choice: T | null): T {
  if (choice === null) throw new AxialError("not-acceptable");
  return choice;
}
