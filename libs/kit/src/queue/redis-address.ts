/** How to reach the Redis of an address. */
export type RedisAddress =
  | { readonly kind: "single"; readonly options: SingleOptions }
  | { readonly kind: "sentinel"; readonly options: SentinelOptions }
  | { readonly kind: "cluster"; readonly nodes: readonly RedisNode[]; readonly options: Login };

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: object;
}

interface SingleOptions extends Login, RedisNode {
  readonly db: number;
}

interface SentinelOptions extends Login {
  readonly sentinels: RedisNode[];
  /** What the sentinels call the master. */
  readonly name: string;
  readonly db: number;
  /** Sentinels use the servers' password; one without a password ignores it. */
  readonly sentinelPassword?: string;
  readonly enableTLSForSentinelMode?: boolean;
  readonly sentinelTLS?: object;
}

interface RedisNode {
  readonly host: string;
  readonly port: number;
}

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;
const ADDRESS =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?]+)(?:\/(?<path>[^?]*))?$/;

/** True for an address that `redisAddress` reads. */
export function isRedisAddress(url: string): boolean {
  return ADDRESS.test(url);
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, and of a failover or a cluster
 * `redis+sentinel://…host,host…/master[/db]` and `redis+cluster://…host,host…`; `rediss` is the
 * same over TLS. Throws an Error that does not quote the address: it may hold a password.
 */
export function redisAddress(url: string): RedisAddress {
  const parts = ADDRESS.exec(url)?.groups;
  if (parts === undefined) throw new Error("AXIAL_QUEUE_URL: not an address of a Redis");
  const { scheme, kind, user = "", password = "", hosts = "", path = "" } = parts;
  const secure = scheme === "rediss";
  const common: Login = {
    ...(user === "" ? {} : { username: decodeURIComponent(user) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(secure ? { tls: {} } : {}),
  };
  if (kind === "cluster") {
    return { kind, nodes: nodesOf(hosts, REDIS_PORT), options: common };
  }
  if (kind === "sentinel") {
    const [name = "", db = "0"] = path.split("/");
    if (name === "") throw new Error("AXIAL_QUEUE_URL: a sentinel address ends with the master");
    const sentinels = nodesOf(hosts, SENTINEL_PORT);
    const watchers = {
      ...(common.password === undefined ? {} : { sentinelPassword: common.password }),
      ...(secure ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    };
    return { kind, options: { ...common, ...watchers, sentinels, name, db: Number(db) } };
  }
  const [node] = nodesOf(hosts, REDIS_PORT);
  if (node === undefined) throw new Error("AXIAL_QUEUE_URL: names no host");
  return { kind: "single", options: { ...common, ...node, db: Number(path || "0") } };
}

function nodesOf(hosts: string, standardPort: number): RedisNode[] {
  return hosts.split(",").map((node) => {
    const [, host = "", port] = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(node) ?? [];
    return { host: host.replace(/^\[|\]$/g, ""), port: Number(port ?? standardPort) };
  });
}
