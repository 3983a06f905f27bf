import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "@axial/testkit";

const TOKEN = "test";
const READY_WITHIN_MS = 180_000;

export interface Answer {
  readonly status: number;
  /** What kubectl would print after "Warning:". */
  readonly warnings: readonly string[];
  readonly body: Record<string, unknown>;
}

/** A Kubernetes API server on an etcd, without nodes: it validates, defaults and admits. */
export interface ApiServer {
  call(method: string, path: string, body?: object): Promise<Answer>;
  stop(): Promise<void>;
}

export interface ApiServerPrograms {
  readonly etcd: string;
  readonly apiServer: string;
}

export async function startApiServer(programs: ApiServerPrograms): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), "axial-apiserver-"));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const etcd = spawn(programs.etcd, [
    ...["--data-dir", join(folder, "etcd"), "--unsafe-no-fsync", "--log-level", "error"],
    ...["--listen-client-urls", `http://127.0.0.1:${client}`],
    ...["--advertise-client-urls", `http://127.0.0.1:${client}`],
    ...["--listen-peer-urls", `http://127.0.0.1:${peer}`],
  ]);
  const server = spawn(programs.apiServer, [
    ...["--etcd-servers", `http://127.0.0.1:${client}`, "--bind-address", "127.0.0.1"],
    ...["--secure-port", String(secure), "--cert-dir", folder],
    ...["--authorization-mode", "AlwaysAllow", "--endpoint-reconciler-type", "none"],
    ...["--service-cluster-ip-range", "10.96.0.0/16"],
    ...["--token-auth-file", await file("tokens.csv", `${TOKEN},test,test,"system:masters"\n`)],
    ...["--service-account-issuer", "https://kubernetes.default.svc"],
    ...["--service-account-key-file", await file("accounts.pub", publicKey)],
    ...["--service-account-signing-key-file", await file("accounts.key", privateKey)],
  ]);
  for (const { stdout, stderr } of [etcd, server]) {
    stdout.resume();
    stderr.resume();
  }
  const call = async (method: string, path: string, body?: object) =>
    send({ method, path, port: secure, authority: join(folder, "apiserver.crt") }, body);
  const stop = async () => {
    for (const process of [server, etcd]) await end(process);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(
      "the API server is ready",
      async () => {
        if (server.exitCode !== null) throw new Error(`the API server ended: ${server.exitCode}`);
        return (await call("GET", "/readyz").catch(() => null))?.status === 200;
      },
      READY_WITHIN_MS,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { call, stop };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly port: number;
  /** File of the certificate that the server made for itself. */
  readonly authority: string;
}

async function send({ method, path, port, authority }: Call, body?: object): Promise<Answer> {
  const ca = await readFile(authority);
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const outgoing = request({ host: "127.0.0.1", port, method, path, headers, ca });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = await once(outgoing, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  const warnings = [answer.headers.warning ?? []].flat() as string[];
  const parsed = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: answer.statusCode ?? 0, warnings, body: parsed };
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill("SIGKILL");
  await once(process, "exit");
}
