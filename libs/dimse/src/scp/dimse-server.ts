import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { PEER_TIMES, type PeerTimes } from "../association/peer-clock.ts";
import { MAX_ASSOCIATIONS } from "../limits.ts";
import { Acceptor } from "./acceptor.ts";
import type { Handlers } from "./handlers.ts";

/** Certificates in PEM. With `ca` a peer has to present one that this authority signed. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly ca?: string | Buffer;
}

export interface DimseServerOptions extends Handlers {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls?: TlsOptions;
  readonly maxAssociations?: number;
  readonly times?: PeerTimes;
}

export interface DimseServer {
  readonly port: number;
  /** Associations that are open. */
  readonly associations: number;
  /** Stops listening and lets open associations end for `graceMs`; then drops them. */
  close(graceMs?: number): Promise<void>;
}

/** BCP 195 TLS Secure Transport Connection Profile (PS3.15 B.9): TLS 1.2 with forward secrecy, or 1.3. */
const BCP_195 = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
  ].join(":"),
} as const;

/** Listens for associations. Rejects when the port cannot be had. */
export async function listenDimse(options: DimseServerOptions): Promise<DimseServer> {
  const { maxAssociations = MAX_ASSOCIATIONS, times = PEER_TIMES } = options;
  const open = new Map<Acceptor, Socket>();
  const onConnection = (socket: Socket): void => {
    socket.setNoDelay(true);
    if (open.size >= maxAssociations) {
      options.trouble(new Error("too many associations"), null);
      socket.destroy();
      return;
    }
    const acceptor = new Acceptor(socket, options, times);
    open.set(acceptor, socket);
    socket.once("close", () => open.delete(acceptor));
  };
  const server = options.tls
    ? secureServer({ ...options.tls, handshakeTimeout: times.artimMs }, onConnection, options)
    : createServer(onConnection);
  server.listen(options.port, options.host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get associations() {
      return open.size;
    },
    close: (graceMs = 0) => closeServer(server, open, graceMs),
  };
}

function secureServer(
  { key, cert, ca, handshakeTimeout }: TlsOptions & { readonly handshakeTimeout: number },
  onConnection: (socket: Socket) => void,
  { trouble }: Pick<Handlers, "trouble">,
): Server {
  const mutual = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer(
    { ...BCP_195, key, cert, handshakeTimeout, ...mutual },
    onConnection,
  );
  server.on("tlsClientError", (error) => trouble(error, null));
  return server;
}

async function closeServer(
  server: Server,
  open: ReadonlyMap<Acceptor, Socket>,
  graceMs: number,
): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const deadline = setTimeout(() => {
    for (const acceptor of open.keys()) acceptor.drop();
  }, graceMs);
  await closed;
  clearTimeout(deadline);
}
