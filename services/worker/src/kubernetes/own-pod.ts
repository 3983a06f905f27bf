import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";

/** Where a pod finds the Kubernetes API, and the folder with its token, authority and namespace. */
export interface KubernetesAccess {
  readonly host: string;
  readonly port: number;
  readonly credentials: string;
  readonly pod: string;
}

/** Where Kubernetes mounts a service account. */
export const CREDENTIALS = "/var/run/secrets/kubernetes.io/serviceaccount";

const TIMEOUT_MS = 5_000;

/**
 * Sets annotations of the pod that this process runs in; rejects when the API says no. The token
 * is read every time, because Kubernetes replaces it.
 */
export async function annotateOwnPod(
  access: KubernetesAccess,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  const [token, ca, namespace] = await Promise.all(
    ["token", "ca.crt", "namespace"].map((file) =>
      readFile(join(access.credentials, file), "utf8"),
    ),
  );
  const path = `/api/v1/namespaces/${namespace}/pods/${access.pod}`;
  const body = JSON.stringify({ metadata: { annotations } });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const call = request(
    {
      host: access.host,
      port: access.port,
      path,
      method: "PATCH",
      ca,
      timeout: TIMEOUT_MS,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/merge-patch+json",
        "content-length": Buffer.byteLength(body),
      },
    },
    (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
      answer.once("error", reject);
    },
  );
  call.once("timeout", () => call.destroy(new Error("the Kubernetes API did not answer in time")));
  call.once("error", reject);
  call.end(body);
  const status = await promise;
  if (status !== 200) throw new Error(`the Kubernetes API answered ${status}`);
}
