/** Another application entity, and how we call ourselves to it. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  /** Certificates in PEM; without it the connection is not encrypted. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** The name that its certificate has to prove; the host's unless told. */
    readonly servername?: string;
  };
}
