import { dimse } from "../library.ts";
import type { Peer } from "./peer.ts";
import { runRequests } from "./run-requests.ts";

/** C-ECHO: resolves when the peer answers with success; rejects as `runRequests` does. */
export async function echo(peer: Peer, signal?: AbortSignal): Promise<void> {
  await runRequests(peer, [new dimse.requests.CEchoRequest()], signal ? { signal } : {});
}
