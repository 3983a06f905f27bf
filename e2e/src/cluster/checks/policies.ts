import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { BACKING } from "../backing.ts";
import { assertNone, type Check, type Scene } from "../check.ts";
import { GATEWAYS } from "../door.ts";
import { CHARTED } from "../installations.ts";
import { type Address, type Place, probe, removeProbes, startProbe } from "../probes.ts";

const COMPONENTS = ["gateway", "archive", "results", "console", "worker", "migrations"] as const;
type Component = (typeof COMPONENTS)[number];

/** Servers beyond the cluster, as pods see them: this machine answers for all of them. */
const OUTSIDE = {
  "managed Postgres": { address: "10.20.0.10", port: 5432 },
  "managed Redis": { address: "10.20.1.10", port: 6379 },
  "managed S3": { address: "10.20.2.10", port: 443 },
  "another port of managed Postgres": { address: "10.20.0.10", port: 22 },
  "webhook in the hospital": { address: "10.40.0.10", port: 443 },
  PACS: { address: "10.30.0.10", port: 104 },
  "the internet, HTTPS": { address: "203.0.113.10", port: 443 },
  "the internet, HTTP": { address: "203.0.113.10", port: 80 },
  "the cloud's metadata": { address: "169.254.169.254", port: 80 },
} as const;
const API_SERVER = { address: "10.231.1.2", port: 6443 };
const HTTP: Readonly<Record<string, number>> = {
  gateway: 8080,
  archive: 8084,
  results: 8082,
  console: 8083,
  worker: 8081,
};

type Target = keyof typeof OUTSIDE | "Postgres" | "Redis" | "S3" | "API server" | Component;

/** Every arrow of the architecture: what each component may reach. Everything else is refused. */
const ARROWS: Readonly<Record<Component, readonly Target[]>> = {
  gateway: [
    "Postgres",
    "Redis",
    "S3",
    "managed Postgres",
    "managed Redis",
    "managed S3",
    "archive",
    "PACS",
  ],
  archive: ["Postgres", "S3", "managed Postgres", "managed S3"],
  results: [
    ...(["Postgres", "Redis", "S3", "managed Postgres", "managed Redis", "managed S3"] as const),
    ...(["webhook in the hospital", "the internet, HTTPS"] as const),
  ],
  console: [],
  // The API server for the annotation with its deletion cost.
  worker: ["Redis", "S3", "managed Redis", "managed S3", "API server"],
  migrations: ["Postgres", "managed Postgres"],
};
/** What may reach the services: ingress, Prometheus, the autoscaler, and nothing else. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  [GATEWAYS]: ["gateway", "archive", "results", "console"],
  monitoring: ["gateway", "archive", "results", "console", "worker"],
  keda: ["results"],
  [BACKING]: [],
};

/** Tried again when a sync of the policies refused a connection that is allowed. */
const TRIES = 3;
/** A matrix of who reaches what, tried from pods. */
export const policies: Check = {
  name: "policies",
  point: "policies",
  shows:
    "a matrix, tried from pods: every arrow of the architecture passes, everything else is refused; Postgres, Redis and S3 outside by address and port",
  run: async (scene) => {
    const servers = await standOutside(scene);
    try {
      await startProbe(scene, { namespace: BACKING, labels: {} });
      const targets = await addressesOf(scene);
      const open = await probe(
        scene,
        { namespace: BACKING, pod: "probe" },
        targets.filter(({ name }) => !isComponent(name)),
      );
      const silent = Object.keys(open).filter((name) => !open[name]);
      assertNone("nothing answers there even without policies", silent);
      const problems = [...(await outgoing(scene, targets)), ...(await incoming(scene, targets))];
      assertNone("policies", problems);
      const pairs =
        COMPONENTS.length * targets.length + Object.keys(DOORS).length * Object.keys(HTTP).length;
      return `${pairs} pairs of pod and target`;
    } finally {
      for (const server of servers) server.close();
      await removeProbes(scene, [...Object.keys(DOORS), CHARTED.namespace]);
    }
  },
};

const isComponent = (name: string) => (COMPONENTS as readonly string[]).includes(name);

/** Listens on this machine at every address outside. */
async function standOutside({ cluster }: Scene): Promise<Server[]> {
  const places = Object.values(OUTSIDE);
  await cluster.script("outside", ...new Set(places.map(({ address }) => address)));
  return Promise.all(
    places.map(async ({ address, port }) => {
      const server = createServer((socket) => socket.on("error", () => {}).end());
      server.listen(port, address);
      await once(server, "listening");
      return server;
    }),
  );
}

async function addressesOf({ cluster }: Scene): Promise<Address[]> {
  const podIp = async (namespace: string, selector: string) =>
    (await cluster.pods(namespace, selector))[0]?.status.podIP ?? "";
  const backing = {
    Postgres: ["postgres", 5432],
    Redis: ["queue", 6379],
    S3: ["blobs", 9000],
  } as const;
  return [
    ...Object.entries(OUTSIDE).map(([name, place]) => ({ name, ...place })),
    { name: "API server", ...API_SERVER },
    ...(await Promise.all(
      Object.entries(backing).map(async ([name, [label, port]]) => ({
        ...{ name, port, address: await podIp(BACKING, `axial.dev/backing=${label}`) },
      })),
    )),
    ...(await Promise.all(
      Object.entries(HTTP).map(async ([name, port]) => ({
        ...{
          name,
          port,
          address: await podIp(CHARTED.namespace, `app.kubernetes.io/component=${name}`),
        },
      })),
    )),
  ];
}

async function outgoing(scene: Scene, targets: readonly Address[]): Promise<string[]> {
  const problems: string[] = [];
  const { namespace } = CHARTED;
  for (const component of COMPONENTS) {
    const pod = await podOf(scene, component);
    // A pod reaches itself.
    const others = targets.filter(({ name }) => name !== component);
    problems.push(
      ...(await compare(
        scene,
        { namespace, pod },
        { others, allowed: ARROWS[component], who: component },
      )),
    );
  }
  return problems;
}

async function incoming(scene: Scene, targets: readonly Address[]): Promise<string[]> {
  const problems: string[] = [];
  const others = targets.filter(({ name }) => name in HTTP);
  for (const [namespace, allowed] of Object.entries(DOORS)) {
    await scene.cluster.apply(
      `{ apiVersion: v1, kind: Namespace, metadata: { name: ${namespace} } }`,
    );
    await startProbe(scene, { namespace, labels: {} });
    problems.push(
      ...(await compare(scene, { namespace, pod: "probe" }, { others, allowed, who: namespace })),
    );
  }
  return problems;
}

interface Expectation {
  readonly who: string;
  readonly others: readonly Address[];
  readonly allowed: readonly string[];
}

async function compare(
  scene: Scene,
  place: Place,
  { who, others, allowed }: Expectation,
): Promise<string[]> {
  let wrong: string[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const open = await probe(scene, place, others);
    wrong = others
      .filter(({ name }) => open[name] !== allowed.includes(name))
      .map(({ name }) => `${who} → ${name} is ${open[name] ? "open" : "refused"}`);
    if (wrong.every((each) => each.endsWith("open"))) break;
  }
  return wrong;
}

/** The name of a running pod of the component; for the migrations one with its labels is started. */
async function podOf(scene: Scene, component: Component): Promise<string> {
  const { namespace, name } = CHARTED;
  if (component === "migrations") {
    const labels = {
      "app.kubernetes.io/name": "axial",
      "app.kubernetes.io/instance": name,
      "app.kubernetes.io/component": component,
    };
    await startProbe(scene, { namespace, labels });
    return "probe";
  }
  const pods = await scene.cluster.pods(namespace, `app.kubernetes.io/component=${component}`);
  const pod = pods.find(({ status }) => status.phase === "Running");
  if (pod === undefined) throw new Error(`no ${component} runs`);
  return pod.metadata.name;
}
