import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { fewLookups, type Resolve } from "./few-lookups.ts";

/** What IANA has given to the internet at large; of IPv6 an eighth, and nothing outside it is routed. */
const UNICAST: readonly string[] = ["0.0.0.0/0", "2000::/3"];

/**
 * Not the internet (the special-purpose registries of IANA): this host, private networks,
 * link-local (cloud metadata), multicast, documentation, and the ranges that lead to other addresses.
 */
const INTERNAL: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
];

/** Decides which addresses destinations and sources may be at. */
export interface AddressGuard {
  /** True when the operator has allowed the address by name: then it may also be plain HTTP. */
  isAllowed(address: string): boolean;
  /** True when it is the internet or allowed. */
  mayReach(address: string): boolean;
  /**
   * Resolves a name and refuses it when any of its addresses may not be reached. The connection
   * goes to the address that was checked: a name that answers differently the next time
   * (DNS rebinding) gains nothing.
   */
  readonly lookup: LookupFunction;
}

/**
 * A guard that also allows the networks in `allowed`, such as `10.1.0.0/16`. Names are resolved as
 * the system does, unless by `resolve`.
 */
export function createAddressGuard(
  allowed: readonly string[],
  resolve: Resolve = lookup,
): AddressGuard {
  const resolveInTurn = fewLookups(resolve);
  const [unicast, internal] = [networks(UNICAST), networks(INTERNAL)];
  const exceptions = networks(allowed);
  const isAllowed = (address: string) => isIP(address) !== 0 && covers(exceptions, address);
  const isInternet = (address: string) => covers(unicast, address) && !covers(internal, address);
  const mayReach = (address: string) =>
    isAllowed(address) || (isIP(address) !== 0 && isInternet(address));
  const guarded: LookupFunction = (host, options, callback) => {
    resolveInTurn(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      const refused = addresses.some(({ address }) => !mayReach(address));
      const [first] = addresses;
      if (refused || first === undefined) return callback(forbidden(), "", 0);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  return { isAllowed, mayReach, lookup: guarded };
}

function networks(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = "", prefix = isIP(address) === 6 ? "128" : "32"] = subnet.split("/");
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/** BlockList treats an IPv4-mapped address (::ffff:a00:1) as the IPv4 address it is. */
function covers(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function forbidden(): Error {
  return new Error("the address is not on the internet and not allowed");
}
