import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AxialError } from "@axial/contracts";
import { type LoadedPackage, loadModelPackage, openSession, verifyGolden } from "@axial/inference";
import { cardOf } from "./card.ts";

/** A temporary folder belongs to its creator alone; workers may run as another user. */
const READABLE_BY_ALL = 0o755;

interface InstallOptions {
  /** Folder of packages. */
  readonly models: string;
  /** Replace a package of the same id and version. */
  readonly force: boolean;
  /** Sentences for the card. */
  readonly notes: readonly string[];
  /** Why there is no heat map; null where there is one. */
  readonly unexplained: string | null;
}

/**
 * Writes the package beside its place, checks it there as a worker does (schema, checksum, graph,
 * golden outputs), and moves it in as a whole: an import that fails installs nothing. Returns its
 * folder. Throws `conflict` when that version exists and must not be replaced.
 */
export async function installPackage(pkg: LoadedPackage, options: InstallOptions): Promise<string> {
  const { id, version } = pkg.manifest;
  const target = join(options.models, id, version);
  await assertFree(target, options.force);
  await mkdir(options.models, { recursive: true });
  const draft = await mkdtemp(join(options.models, ".import-"));
  try {
    await write(draft, pkg, options);
    await verify(draft);
    await mkdir(join(options.models, id), { recursive: true });
    await assertFree(target, options.force);
    if (options.force) await rm(target, { recursive: true, force: true });
    await chmod(draft, READABLE_BY_ALL);
    await rename(draft, target);
    return target;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Throws `conflict` when `target` holds a package that must not be replaced. */
export async function assertFree(target: string, force: boolean): Promise<void> {
  if (force || (await stat(target).catch(() => null)) === null) return;
  const [version, id] = target.split("/").reverse();
  throw new AxialError("conflict", {
    detail: `${id} ${version} is installed; give another --version, or --force to replace it`,
  });
}

async function write(
  folder: string,
  { manifest, golden, weights }: LoadedPackage,
  options: InstallOptions,
): Promise<void> {
  await writeFile(join(folder, manifest.weights.file), weights);
  await writeFile(join(folder, "golden.json"), `${JSON.stringify(golden, null, 1)}\n`);
  await writeFile(join(folder, "CARD.md"), cardOf(manifest, options));
  await writeFile(join(folder, "model.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function verify(folder: string): Promise<void> {
  const loaded = await loadModelPackage(folder);
  const session = await openSession(loaded, { providers: ["cpu"], threads: 1 });
  try {
    await verifyGolden(session, loaded);
  } finally {
    await session.close();
  }
}
