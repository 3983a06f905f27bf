import { AxialError, asAxialError, DICOM_JSON } from "@axial/contracts";
import { accepts } from "@axial/kit";
import type { StoredInstance } from "@axial/store/search";
import type { FastifyReply } from "fastify";
import type { Headers } from "../headers/headers.ts";
import { entityTag, isUnchanged } from "./conditional.ts";
import type { Exchange } from "./exchange.ts";
import { instanceUrl } from "./resource.ts";

/** Metadata of a study, a series or an instance as DICOM JSON (PS3.18 10.4.1.1.2). */
export async function answerMetadata(exchange: Exchange): Promise<FastifyReply> {
  const { dependencies, request, reply, base } = exchange;
  if (!accepts(exchange.accept, [DICOM_JSON, "application/json"])) {
    throw new AxialError("not-acceptable");
  }
  const instances = await exchange.instances();
  const tag = entityTag("metadata", base, ...instances.map(({ blob }) => blob));
  if (isUnchanged(request, reply, tag)) return reply;
  return exchange.send(DICOM_JSON, metadataArray(dependencies.headers, instances, base));
}

/** Files whose headers are read ahead of what is being sent. */
const READ_AHEAD = 8;

/**
 * The metadata of instances as one JSON array (PS3.18 F.2.1), written instance by instance. Bulk
 * values are addresses below `base`.
 */
async function* metadataArray(
  headers: Headers,
  instances: readonly StoredInstance[],
  base: string,
): AsyncGenerator<Buffer> {
  const ahead: Promise<string>[] = [];
  let next = 0;
  const readNext = () => {
    const stored = instances[next++];
    if (stored === undefined) return;
    const text = metadataOf(headers, stored, base);
    text.catch(() => {});
    ahead.push(text);
  };
  while (next < READ_AHEAD && next < instances.length) readNext();
  let before = "[";
  for (let text = ahead.shift(); text !== undefined; text = ahead.shift()) {
    readNext();
    yield Buffer.from(before + (await text), "utf8");
    before = ",";
  }
  yield Buffer.from(before === "[" ? "[]" : "]", "utf8");
}

async function metadataOf(headers: Headers, stored: StoredInstance, base: string): Promise<string> {
  try {
    const bulk = `${instanceUrl(base, stored)}/bulkdata`;
    const answer = await headers.read(stored, { kind: "json", bulk });
    if (answer.kind !== "json") throw new AxialError("internal");
    return answer.text;
  } catch (thrown) {
    throw asAxialError(thrown);
  }
}
