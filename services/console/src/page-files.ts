import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const PUBLIC = fileURLToPath(new URL("../public/", import.meta.url));

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageFile {
  /** Below `/console/`, with forward slashes. */
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** The files of the page, read once: they are few, small, and part of the release. */
export async function readPageFiles(): Promise<PageFile[]> {
  const entries = await readdir(PUBLIC, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readPageFile(join(entry.parentPath, entry.name))));
}

async function readPageFile(file: string): Promise<PageFile> {
  const bytes = await readFile(file);
  const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  return {
    path: relative(PUBLIC, file).replaceAll(sep, "/"),
    type: MEDIA_TYPES[extname(file)] ?? "application/octet-stream",
    bytes,
    etag: `"${digest}"`,
  };
}
