import type { Scene } from "./check.ts";

const PATIENCE_MS = 4_000;
/** Runs in a pod: tries every target and prints which are open. */
const PROBE = `const net = require("node:net");
const targets = JSON.parse(process.argv[1]);
const open = ({ address, port }) => new Promise((resolve) => {
  const socket = net.connect({ host: address, port, timeout: ${PATIENCE_MS} });
  const end = (is) => { socket.destroy(); resolve(is); };
  socket.once("connect", () => end(true)).once("error", () => end(false)).once("timeout", () => end(false));
});
Promise.all(targets.map(async (target) => [target.name, await open(target)]))
  .then((found) => console.log(JSON.stringify(Object.fromEntries(found))));`;

export interface Address {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A pod. */
export interface Place {
  readonly namespace: string;
  readonly pod: string;
}

/** Which of the targets a pod reaches, by name. */
export async function probe(
  { cluster }: Scene,
  { namespace, pod }: Place,
  targets: readonly Address[],
) {
  const command = ["exec", "--namespace", namespace, pod, "--", "node", "--eval", PROBE];
  const output = await cluster.kubectl(...command, JSON.stringify(targets));
  return JSON.parse(output) as Record<string, boolean>;
}

/** A pod that waits, from Axial's own image, which has Node. */
export async function startProbe(
  { cluster }: Scene,
  { namespace, labels }: { namespace: string; labels: Record<string, string> },
): Promise<void> {
  await cluster.apply(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "probe", namespace, labels },
      spec: {
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 10001,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: "probe",
            image: "axial-service:0.1.0",
            imagePullPolicy: "Never",
            args: [
              "--eval",
              "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e9)",
            ],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    }),
  );
  const ready = ["wait", "pod/probe", "-n", namespace, "--for=condition=Ready", "--timeout=180s"];
  await cluster.kubectl(...ready);
}

/** Removes them from these namespaces. */
export async function removeProbes(
  { cluster }: Scene,
  namespaces: readonly string[],
): Promise<void> {
  for (const namespace of namespaces) {
    await cluster.kubectl(
      "delete",
      "pod",
      "probe",
      "-n",
      namespace,
      "--ignore-not-found",
      "--wait=false",
    );
  }
}
