import { isIP } from "node:net";
import { AxialError } from "@axial/contracts";
import { type Receiver, sendMessage } from "@axial/hl7";
import { controlIdOf, renderOru } from "../../render/hl7/render-oru.ts";
import { pdfFor } from "../objects-for.ts";
import type { SendDependencies, Shipment } from "../package.ts";

/** An interface engine acknowledges in milliseconds; one that passes on first, in seconds. */
const TIMEOUT_MS = 30_000;

/** Sends a run as ORU^R01 over MLLP; delivered when the receiver has acknowledged it. */
export async function sendByMllp(
  dependencies: SendDependencies,
  shipment: Shipment<"hl7v2">,
): Promise<void> {
  const { target, destination, sources } = shipment;
  const { guard, publicUrl } = dependencies;
  const { report } = sources;
  const dicom = sources.instances.every(({ kind }) => kind === "dicom");
  const wantsPdf = destination.formats.includes("pdf") && dicom;
  const message = renderOru(report, {
    sendingFacility: target.sendingFacility,
    receivingApplication: target.receivingApplication,
    receivingFacility: target.receivingFacility,
    link: publicUrl === null ? null : `${publicUrl}/console/#/studies/${report.studyUid}`,
    pdf: wantsPdf ? await pdfFor(dependencies, shipment) : null,
  });
  if (isIP(target.host) !== 0 && !guard.mayReach(target.host)) {
    throw new AxialError("peer-unreachable", { detail: "not an allowed address" });
  }
  await sendMessage(receiverOf(target, guard.lookup), {
    ...{ message, controlId: controlIdOf(report), timeoutMs: TIMEOUT_MS },
  });
}

function receiverOf(
  { host, port, tls }: Shipment<"hl7v2">["target"],
  lookup: NonNullable<Receiver["lookup"]>,
): Receiver {
  if (tls === undefined) return { host, port, lookup };
  const { ca, cert, key } = tls;
  return {
    ...{ host, port, lookup },
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  };
}
