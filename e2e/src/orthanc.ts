import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tether } from "@axial/local-postgres";
import { eventually, freePort, has } from "@axial/testkit";

/** Of the package orthanc-webviewer: pages below /web-viewer. */
const VIEWER = "/usr/share/orthanc/plugins/libOrthancWebViewer.so";
/** Where Debian's packages orthanc and orthanc-dicomweb lie. */
const PROGRAM = "/usr/sbin/Orthanc";
const PLUGIN = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

export interface Orthanc {
  /** Where its REST API and DICOMweb (below /dicom-web) are. */
  readonly port: number;
  /** The JSON answer of Orthanc's own REST API; throws with its text when it refuses. */
  call<T>(path: string, init?: RequestInit): Promise<T>;
  /** The bytes of an answer. */
  file(path: string): Promise<Buffer>;
  /** Ends it as a lost machine would; what it has synced stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface OrthancPeer {
  /** Base address and key of the DICOMweb server that Orthanc calls `axial`. */
  readonly url: string;
  readonly key: string;
  /** Where the modality that Orthanc calls `axial` takes C-STORE; it forwards what it receives. */
  readonly dimsePort?: number;
  /** It sends only what it is asked for. */
  readonly forwards?: false;
  /** Where it takes C-STORE itself, as ORTHANC. */
  readonly ownDimsePort?: number;
}

/** An empty Orthanc that knows one DICOMweb server, and one modality, called `axial`. */
export async function startOrthanc(server: OrthancPeer): Promise<Orthanc> {
  const folder = await mkdtemp(join(tmpdir(), "axial-e2e-orthanc-"));
  const port = await freePort();
  const settings = join(folder, "orthanc.json");
  await writeFile(settings, JSON.stringify(configuration(folder, port, server)));
  await writeFile(join(folder, "forward.lua"), FORWARD);
  let said = "";
  const spawned = () => {
    const started = spawn(PROGRAM, [settings], { stdio: ["ignore", "pipe", "pipe"] });
    tether(started);
    for (const stream of [started.stdout, started.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    return started;
  };
  let child = spawned();
  const url = `http://127.0.0.1:${port}`;
  const call = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const answer = await fetch(`${url}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Orthanc ${answer.status}: ${text}\n${said.slice(-2_000)}`);
    return JSON.parse(text === "" ? "null" : text) as T;
  };
  const file = async (path: string) =>
    Buffer.from(await (await fetch(`${url}${path}`)).arrayBuffer());
  const end = async (signal: NodeJS.Signals) => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
    child.kill(signal);
    await ended;
  };
  const stop = async () => {
    await end("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  };
  const isUp = () => call("/system").catch(() => null);
  const start = async () => {
    child = spawned();
    await eventually("Orthanc is up again", isUp);
  };
  await eventually("Orthanc is up", isUp, 30_000).catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}\n${said.slice(-4_000)}`);
  });
  return { port, call, file, kill: () => end("SIGKILL"), start, stop };
}

/** Forwards each instance that comes from elsewhere, as PACS route to an AI node. */
const FORWARD = `
function OnStoredInstance(instanceId, tags, metadata, origin)
  if origin.RequestOrigin ~= 'Lua' then SendToModality(instanceId, 'axial') end
end
`;

function configuration(folder: string, port: number, server: OrthancPeer) {
  const { dimsePort, ownDimsePort } = server;
  return {
    ...(dimsePort === undefined
      ? {}
      : {
          DicomModalities: { axial: ["AXIAL", "127.0.0.1", dimsePort] },
          LuaScripts: server.forwards === false ? [] : [join(folder, "forward.lua")],
        }),
    Name: "e2e",
    StorageDirectory: join(folder, "storage"),
    IndexDirectory: join(folder, "storage"),
    HttpPort: port,
    DicomServerEnabled: ownDimsePort !== undefined,
    ...(ownDimsePort === undefined ? {} : { DicomPort: ownDimsePort, DicomAet: "ORTHANC" }),
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    OverwriteInstances: true,
    Plugins: [PLUGIN, ...(has("orthanc-webviewer") ? [VIEWER] : [])],
    DicomWeb: {
      Enable: true,
      Servers: {
        axial: {
          Url: `${server.url}/lanes/routine/dicom-web/`,
          HttpHeaders: { Authorization: `Bearer ${server.key}` },
        },
      },
    },
  };
}
