import type { AxialClient } from "@axial/client";
import type { BackfillSummary } from "@axial/contracts";

/** A backfill's id, or that of the newest with this name. */
export async function backfillId(client: AxialClient, given: string): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(given)) return given;
  for (let after = ""; ; ) {
    const page = await client.json<{ backfills: BackfillSummary[] }>(
      `/api/v1/backfills?limit=1000${after}`,
    );
    const found = page.backfills.find(({ name }) => name === given);
    if (found !== undefined) return found.id;
    const last = page.backfills.at(-1);
    if (last === undefined)
      throw new Error(`no backfill is called ${given}: see axial backfill list`);
    after = `&after=${last.id}`;
  }
}
