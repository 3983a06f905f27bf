import type { BackfillEstimate, InstanceFacts, ModelPackage } from "@axial/contracts";
import { instanceFacts, readInstance } from "@axial/dicom";
import { previewPlan } from "@axial/gateway";
import { headOf, MAX_HELD_BYTES } from "../files/content.ts";
import { contentKind, KIND_BYTES } from "../files/content-kind.ts";
import { readDicomName } from "../files/dicom-name.ts";
import { readFound } from "../files/read-found.ts";
import type { FolderMemory, Found } from "../files/walk.ts";
import { Distinct } from "./distinct.ts";

/** Studies that the planner's rules are tried on. */
const SAMPLE = 200;
/** Headers end before that, but for a few with private data. */
const HEAD_BYTES = 1 << 20;

/** Instances of them, whose facts are held: some tens of megabytes. */
const SAMPLED_INSTANCES = 20_000;
/** Addresses that a dry run fetches; the rest are only counted. */
const FETCHED = 20;

/** A selection of files, and what of it cannot be sent. */
export interface FolderEstimate extends BackfillEstimate {
  readonly leftOut: readonly { readonly code: string; readonly items: number }[];
  /** Addresses that were not fetched. */
  readonly unread: number;
}

type FileSource = (isNewFolder: FolderMemory) => AsyncIterable<Found>;

/** Of files, and the Study Instance UIDs of the studies that the planner's rules were tried on. */
interface FilesEstimate extends Omit<FolderEstimate, "hours" | "answered"> {
  readonly tried: readonly string[];
}

/** Reads the beginning of every file that is found; sends nothing. */
export async function estimateFiles(
  find: FileSource,
  models: readonly ModelPackage[],
): Promise<FilesEstimate> {
  const seen = new Distinct();
  try {
    return await estimate(find, models, seen);
  } finally {
    seen.close();
  }
}

async function estimate(
  find: FileSource,
  models: readonly ModelPackage[],
  seen: Distinct,
): Promise<FilesEstimate> {
  const sampled = new Map<string, InstanceFacts[]>();
  const leftOut = new Map<string, number>();
  let [instances, bytes, addresses, sampledInstances] = [0, 0, 0, 0];
  const isNewFolder = (device: bigint, inode: bigint) => seen.add("folder", `${device}/${inode}`);
  for await (const found of find(isNewFolder)) {
    if (found.status === "url") addresses += 1;
    if (found.status === "url" && addresses > FETCHED) continue;
    for await (const item of readHeads(found)) {
      if (item.status === "left-out") {
        leftOut.set(item.code, (leftOut.get(item.code) ?? 0) + 1);
        continue;
      }
      instances += 1;
      bytes += item.bytes;
      seen.add("series", item.series);
      const isRoom = sampled.size < SAMPLE && sampledInstances < SAMPLED_INSTANCES;
      if (seen.add("study", item.study) && isRoom) sampled.set(item.study, []);
      const facts = sampled.has(item.study) ? factsOf(item.head) : null;
      if (facts === null) continue;
      sampledInstances += 1;
      sampled.get(item.study)?.push(facts);
    }
  }
  const studies = seen.count("study");
  const scale = sampled.size === 0 ? 0 : studies / sampled.size;
  return {
    ...{ studies, series: seen.count("series"), instances, bytes },
    sampled: sampled.size,
    tried: [...sampled.keys()],
    ...planned([...sampled.values()], models, scale),
    leftOut: [...leftOut].map(([code, items]) => ({ code, items })),
    unread: Math.max(addresses - FETCHED, 0),
  };
}

type HeadItem =
  | {
      readonly status: "instance";
      readonly study: string;
      readonly series: string;
      readonly head: Buffer;
      readonly bytes: number;
    }
  | { readonly status: "left-out"; readonly code: string };

/** As `readFound`, by the beginning of a file alone; an archive is read as it is. */
async function* readHeads(found: Found): AsyncGenerator<HeadItem> {
  const isFile = found.status === "file" && (await isPlain(found.path));
  if (isFile) {
    const head = await headOf(found.path, Math.min(HEAD_BYTES, MAX_HELD_BYTES));
    const whole = head.length < HEAD_BYTES;
    const reading = readDicomName(head, whole);
    if (reading.status === "instance") {
      const { study, series } = reading.name;
      yield { status: "instance", study, series, head, bytes: found.stats.bytes };
    } else {
      yield {
        status: "left-out",
        code: reading.status === "refused" ? reading.code : reading.status,
      };
    }
    return;
  }
  for await (const item of readFound(found)) {
    if (item.status !== "instance") yield { status: "left-out", code: item.code };
    else {
      const { dicom, content } = item;
      yield { status: "instance", ...dicom, head: content.head, bytes: content.bytes };
      await content.release();
    }
  }
}

async function isPlain(path: Buffer): Promise<boolean> {
  try {
    return contentKind(await headOf(path, KIND_BYTES)) === "maybe-dicom";
  } catch {
    return false;
  }
}

function factsOf(head: Buffer): InstanceFacts | null {
  try {
    return instanceFacts(readInstance(head, { untilPixelData: true }));
  } catch {
    return null;
  }
}

function planned(
  studies: readonly (readonly InstanceFacts[])[],
  models: readonly ModelPackage[],
  scale: number,
): Pick<BackfillEstimate, "tasks" | "refusals"> {
  const tasks = new Map(models.map(({ id, version }) => [`${id} ${version}`, 0]));
  const refusals = new Map<string, { model: string; code: string; series: number }>();
  for (const facts of studies) {
    for (const { model, version, decision } of previewPlan(facts, models)) {
      const name = `${model} ${version}`;
      if (decision === "task") tasks.set(name, (tasks.get(name) ?? 0) + 1);
      else {
        const key = `${model}/${decision}`;
        const known = refusals.get(key)?.series ?? 0;
        refusals.set(key, { model, code: decision, series: known + 1 });
      }
    }
  }
  return {
    tasks: [...tasks].map(([model, count]) => ({ model, tasks: Math.round(count * scale) })),
    refusals: [...refusals.values()]
      .map((refusal) => ({ ...refusal, series: Math.round(refusal.series * scale) }))
      .toSorted((a, b) => b.series - a.series),
  };
}
