import { assertTaken, guardedRequest } from "@axial/kit/network";
import type { SendDependencies, Shipment } from "../package.ts";
import { standardWebhookHeaders } from "../standard-webhooks.ts";

/** A receiver that takes longer should answer first and work afterwards. */
const TIMEOUT_MS = 10_000;

/** Tells of a run, and where it can be read: nothing of the patient, nothing of the result. */
export async function sendWebhook(
  { guard }: SendDependencies,
  { delivery, destination, target }: Omit<Shipment<"webhook">, "sources">,
): Promise<void> {
  const { id, event, studyUid, run, createdAt } = delivery;
  const body = JSON.stringify({
    type: event,
    timestamp: createdAt.toISOString(),
    data: { delivery: id, study: studyUid, run, href: `/api/v1/studies/${studyUid}` },
  });
  const seconds = Math.floor(Date.now() / 1000);
  const secret = destination.secret ?? "";
  const answer = await guardedRequest({
    ...{ url: target.url, body, guard, timeoutMs: TIMEOUT_MS },
    headers: {
      "content-type": "application/json",
      "user-agent": "Axial",
      ...standardWebhookHeaders({ id, body, secret, seconds }),
    },
  });
  assertTaken(answer);
}
