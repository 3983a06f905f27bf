import type { AxialClient } from "@axial/client";

/** Throws unless the key is one of this tenant: what runs is filed with the key's tenant. */
export async function demandTenant(client: AxialClient, tenant: string): Promise<void> {
  const { tenant: own } = await client.json<{ tenant: string }>("/api/v1/me");
  if (own === tenant) return;
  throw new Error(
    `the key is one of tenant ${own}: use one of ${tenant} ` +
      `(axial key create backfill --role operator --tenant ${tenant})`,
  );
}
