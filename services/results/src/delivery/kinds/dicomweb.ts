import { randomBytes } from "node:crypto";
import { AxialError } from "@axial/contracts";
import { assertTaken, guardedRequest } from "@axial/kit/network";
import { objectsFor } from "../objects-for.ts";
import type { SendDependencies, Shipment } from "../package.ts";

const TIMEOUT_MS = 60_000;
/** Bytes of one request: a heat map is as large as its slice. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

/** Stores a run's objects by STOW-RS (PS3.18 10.5); storing one twice changes nothing. */
export async function sendByStow(
  dependencies: SendDependencies,
  shipment: Shipment<"dicomweb">,
): Promise<void> {
  let batch: Buffer[] = [];
  let bytes = 0;
  for (const object of await objectsFor(dependencies, shipment)) {
    if (batch.length > 0 && bytes + object.bytes > MAX_REQUEST_BYTES) {
      await stow(dependencies, shipment, batch);
      batch = [];
      bytes = 0;
    }
    batch.push(await object.read());
    bytes += object.bytes;
  }
  if (batch.length > 0) await stow(dependencies, shipment, batch);
}

async function stow(
  { guard }: SendDependencies,
  { target, delivery }: Shipment<"dicomweb">,
  files: readonly Buffer[],
): Promise<void> {
  const boundary = `axial-${randomBytes(12).toString("hex")}`;
  const head = `--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`;
  const body = Buffer.concat([
    ...files.flatMap((file) => [Buffer.from(head), file, Buffer.from("\r\n")]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  const answer = await guardedRequest({
    url: `${target.url.replace(/\/$/, "")}/studies/${delivery.studyUid}`,
    headers: {
      "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      accept: "application/dicom+json",
      "user-agent": "Axial",
      ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
    },
    ...{ body, guard, timeoutMs: TIMEOUT_MS },
  });
  assertTaken(answer);
  assertAllStored(answer.text, files.length);
}

const REFERENCED_SOP_SEQUENCE = "00081199";
const FAILED_SOP_SEQUENCE = "00081198";

/** A 202 may mean that some were not stored (PS3.18 10.5.3); the answer counts them. */
function assertAllStored(text: string, sent: number): void {
  const sequences = parsed(text);
  const count = (tag: string) => sequences?.[tag]?.Value?.length ?? 0;
  const failed = count(FAILED_SOP_SEQUENCE);
  const stored = count(REFERENCED_SOP_SEQUENCE);
  if (failed === 0 && (sequences === null || stored === 0 || stored >= sent)) return;
  throw new AxialError("peer-refused", {
    detail: `the archive stored ${stored} of ${sent} objects and refused ${failed}`,
  });
}

type Sequences = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

/** Null for an answer that is not DICOM JSON: some archives answer in XML, or nothing. */
function parsed(text: string): Sequences | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Sequences) : null;
  } catch {
    return null;
  }
}
