import type { AxialClient } from "@axial/client";
import type { Patience } from "../../send/patience.ts";
import { studiesOf } from "./list-file.ts";

/** Studies of a request: the most that the server takes. */
const PAGE = 1_000;

interface Naming {
  /** Of the backfill. */
  readonly id: string;
  readonly list: string;
  readonly patience: Patience;
}

/** Tells the server the studies of a list. To name one again changes nothing. */
export async function nameStudies(
  client: AxialClient,
  { id, list, patience }: Naming,
): Promise<void> {
  const path = `/api/v1/backfills/${id}`;
  for await (const studies of studiesOf(list, PAGE)) {
    await patience.run(() => client.post(`${path}/studies`, { studies }));
  }
  await patience.run(() => client.post(`${path}/listed`));
}
