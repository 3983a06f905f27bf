import { isIP } from "node:net";
import { OWN_AE_TITLE } from "@axial/contracts";
import type { Peer } from "./peer.ts";

/** Where an application entity is, as destinations and sources say it. */
export interface PeerTarget {
  readonly host: string;
  readonly port: number;
  readonly calledTitle: string;
  readonly callingTitle?: string | undefined;
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

/**
 * The peer at the very address that `check` has let through; with TLS its certificate has to be of
 * the host's name. Rejects as `check` does.
 */
export async function peerAt(
  { host, port, calledTitle, callingTitle = OWN_AE_TITLE, tls }: PeerTarget,
  check: (host: string) => Promise<string>,
): Promise<Peer> {
  const address = await check(host);
  return {
    ...{ host: address, port },
    ...{ calledAeTitle: calledTitle, callingAeTitle: callingTitle },
    ...(tls === undefined
      ? {}
      : { tls: { ...given(tls), ...(isIP(host) === 0 ? { servername: host } : {}) } }),
  };
}

function given({ ca, cert, key }: NonNullable<PeerTarget["tls"]>): NonNullable<Peer["tls"]> {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
