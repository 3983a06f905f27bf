import { setTimeout as delay } from "node:timers/promises";
import { openBlobStore } from "@axial/blobs";
import { openDatabase } from "@axial/store/database";
import { deflatedBombs, elementBomb, type HostileFile } from "./hostile-files.ts";
import { seedHeatMap } from "./seed-heat-map.ts";

/** What the process is told by its parent. */
export interface Attack {
  readonly gateway: string;
  readonly archive: string;
  readonly results: string;
  readonly databaseUrl: string;
  readonly blobUrl: string;
  readonly key: string;
  /** Requests of each kind at a time. */
  readonly concurrency: number;
}

/** What it says: that its files are ready, then, when told to stop, what was answered how often. */
export type AttackReport =
  | { readonly kind: "ready" }
  | { readonly kind: "answers"; readonly answers: Readonly<Record<string, number>> };

const answers: Record<string, number> = {};
const stopping = new AbortController();

function count(kind: string, status: number | string): void {
  const name = `${kind} ${status}`;
  answers[name] = (answers[name] ?? 0) + 1;
}

async function call(kind: string, url: string, options: RequestInit & { key: string }) {
  const { key, headers, ...rest } = options;
  try {
    const response = await fetch(url, {
      ...rest,
      headers: { ...headers, authorization: `Bearer ${key}` },
      signal: stopping.signal,
    });
    await response.arrayBuffer();
    count(kind, response.status);
  } catch {
    if (!stopping.signal.aborted) count(kind, "lost");
  }
}

function store({ gateway, key }: Attack, kind: string, { bytes }: HostileFile): Promise<void> {
  const body = new Uint8Array(bytes);
  const headers = { "content-type": "application/dicom" };
  return call(kind, `${gateway}/dicom-web/studies`, { method: "POST", key, headers, body });
}

async function forever(work: () => Promise<void>): Promise<void> {
  while (!stopping.signal.aborted) {
    await work();
    await delay(0);
  }
}

/** Heat maps of the files, as addresses of their pictures. */
async function heatMapsOf(told: Attack, files: readonly HostileFile[]): Promise<string[]> {
  const stores = { db: openDatabase(told.databaseUrl), blobs: openBlobStore(told.blobUrl) };
  const paths: string[] = [];
  for (const { path } of files) {
    paths.push(await seedHeatMap(stores, path.split("/").at(-1) ?? ""));
  }
  await stores.db.destroy();
  return paths.map((path) => `${told.results}/api/v1/${path}`);
}

async function attack(told: Attack): Promise<void> {
  const deflated = deflatedBombs();
  const kept = [deflated(), elementBomb()] as const;
  for (const file of kept) await store(told, "first", file);
  const heatMaps = await heatMapsOf(told, kept);
  process.send?.({ kind: "ready" } satisfies AttackReport);
  const [bomb, items] = kept;
  const read = (path: string) =>
    call(path.split("/").at(-1) ?? "", `${told.archive}/dicom-web/${path}`, { key: told.key });
  const loops = [
    () => store(told, "deflated", deflated()),
    () => store(told, "elements", elementBomb()),
    () => read(`${bomb.path}/metadata`),
    () => read(`${items.path}/metadata`),
    () => read(`${bomb.path}/rendered`),
    () => read(`${bomb.path}/frames/1`),
    ...heatMaps.map((url) => () => call("heat map", url, { key: told.key })),
  ];
  const each = Array.from({ length: told.concurrency }, () => loops).flat();
  await Promise.all(each.map(forever));
}

process.on("message", async (message: Attack | "stop") => {
  if (message !== "stop") return attack(message);
  stopping.abort();
  process.send?.({ kind: "answers", answers } satisfies AttackReport);
  process.disconnect();
});
