import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** What a proxy says about the request that it forwards. */
interface Forwarded {
  readonly proto: "http" | "https";
  readonly host: string;
}

/** Proxies whose Forwarded (RFC 7239) and X-Forwarded-* headers are trusted. */
export class ProxyTrust {
  readonly #trusted = new BlockList();

  /** Addresses and networks such as `10.0.0.0/8`. Throws RangeError for anything else. */
  constructor(networks: readonly string[]) {
    for (const network of networks) this.#add(network);
  }

  /** What a trusted peer says, or null. The last of several values is the peer's own. */
  forwarded(request: IncomingMessage): Forwarded | null {
    const { headers } = request;
    if (!this.#isTrusted(peerOf(request))) return null;
    const standard = lastOf(headers.forwarded);
    const host = parameter(standard, "host") ?? lastOf(headers["x-forwarded-host"]);
    const proto = parameter(standard, "proto") ?? lastOf(headers["x-forwarded-proto"]);
    if (host === undefined) return null;
    return { host, proto: proto?.toLowerCase() === "https" ? "https" : "http" };
  }

  /** The caller's address: as a trusted peer states it, else the peer's own; null without either. */
  client(request: IncomingMessage): string | null {
    const peer = peerOf(request);
    if (!this.#isTrusted(peer)) return peer || null;
    const { headers } = request;
    const named =
      parameter(lastOf(headers.forwarded), "for") ?? lastOf(headers["x-forwarded-for"]) ?? "";
    // RFC 7239 6: an IPv6 address is in brackets, and a port may follow.
    const address = /^\[([^\]]+)\]|^([^:]+)(?::\d+)?$/.exec(named);
    const forwarded = address?.[1] ?? address?.[2] ?? named;
    return isIP(forwarded) === 0 ? peer : forwarded;
  }

  #isTrusted(peer: string): boolean {
    const family = isIP(peer);
    return family !== 0 && this.#trusted.check(peer, family === 6 ? "ipv6" : "ipv4");
  }

  #add(network: string): void {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address);
    if (family === 0) throw new RangeError(`${network} is neither an address nor a network`);
    const type = family === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) this.#trusted.addAddress(address, type);
    else this.#trusted.addSubnet(address, Number(prefix), type);
  }
}

function peerOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return [header ?? []].flat().join(",").split(",").at(-1)?.trim() || undefined;
}

function parameter(element: string | undefined, name: string): string | undefined {
  const pair = element?.split(";").find((one) => one.trim().toLowerCase().startsWith(`${name}=`));
  return pair
    ?.trim()
    .slice(name.length + 1)
    .replace(/^"|"$/g, "");
}
