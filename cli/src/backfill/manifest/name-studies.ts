import type { AxialClient } from "@axial/client";
import { Patience } from "../../send/patience.ts";
import { sendProgress } from "../../send/send-progress.ts";
import { studiesOf } from "./manifest.ts";

/** Studies of a request: the most that the server takes. */
const PAGE = 1_000;
/** How long the server may be away. */
const PATIENCE_MS = 3_600_000;

/** Tells the server the studies of a manifest. To name one again changes nothing. */
export async function nameStudies(
  client: AxialClient,
  backfill: string,
  manifest: string,
): Promise<void> {
  const progress = sendProgress();
  const patience = new Patience({
    forMs: PATIENCE_MS,
    onOutage: (reason) => progress.say(`${reason}; trying again`),
    onRecovery: () => progress.say("the server answers again"),
  });
  const path = `/api/v1/backfills/${backfill}`;
  try {
    for await (const studies of studiesOf(manifest, PAGE)) {
      await patience.run(() => client.post(`${path}/studies`, { studies }));
    }
    await patience.run(() => client.post(`${path}/listed`));
  } finally {
    progress.done();
  }
}
