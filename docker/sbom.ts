import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { outputOf } from "./run.ts";

/** What an image is made of, and by which digests it is known. */
export interface ImageRecord {
  readonly image: string;
  readonly revision: string;
  /** Digest of the image's configuration: the same bytes have the same. */
  readonly id: string;
  /** `name@sha256:…` of registries that it was pushed to. */
  readonly repoDigests: readonly string[];
  readonly sbom: { readonly file: string; readonly sha256: string };
}

interface PackageFile {
  readonly devDependencies?: unknown;
}

/**
 * What the packages of a revision need at run time, as CycloneDX JSON, from its lock file;
 * `working-tree` for the files as they are.
 */
export function sbomOf(root: string, revision: string): string {
  const folder = mkdtempSync(join(tmpdir(), "axial-sbom-"));
  try {
    copyPackageFiles(root, revision, folder);
    const npm = (...args: string[]) => outputOf("npm", args, { cwd: folder });
    // `npm sbom --omit dev` also leaves out what another workspace needs for its tests only.
    npm("install", "--package-lock-only", "--ignore-scripts", "--offline", "--no-audit");
    const form = ["--sbom-format", "cyclonedx", "--sbom-type", "application"];
    return `${npm("sbom", "--package-lock-only", ...form)}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lock file, and every package.json without what only its development needs. */
function copyPackageFiles(root: string, revision: string, folder: string): void {
  const present = revision === "working-tree";
  const list = present ? ["ls-files"] : ["ls-tree", "-r", "--name-only", revision];
  const files = outputOf("git", list, { cwd: root }).split("\n");
  const read = (file: string) =>
    present
      ? readFileSync(join(root, file), "utf8")
      : outputOf("git", ["show", `${revision}:${file}`], { cwd: root });
  for (const file of files) {
    if (!/(^|\/)package\.json$/.test(file)) continue;
    const { devDependencies: _, ...packageFile } = JSON.parse(read(file)) as PackageFile;
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(packageFile));
  }
  writeFileSync(join(folder, "package-lock.json"), read("package-lock.json"));
}

/** Writes `<image>.cdx.json` and `<image>.json` into `folder`; returns what the second says. */
export function recordImage(
  { image, revision }: Pick<ImageRecord, "image" | "revision">,
  sbom: string,
  folder: string,
): ImageRecord {
  mkdirSync(folder, { recursive: true });
  const name = image.replaceAll(/[/:]/g, "-");
  const file = `${name}.cdx.json`;
  const [id = "", ...repoDigests] = outputOf("docker", [
    ...["image", "inspect", "--format", "{{.Id}}{{range .RepoDigests}} {{.}}{{end}}", image],
  ]).split(" ");
  const sha256 = createHash("sha256").update(sbom).digest("hex");
  const record = { image, revision, id, repoDigests, sbom: { file, sha256 } };
  writeFileSync(join(folder, file), sbom);
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}
