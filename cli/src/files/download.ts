import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { LeftOutCode } from "./left-out.ts";

/** Tries of an address that does not answer, or says that it may later. */
const TRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
/** Without a byte for so long a download is given up. */
const SILENCE_MS = 60_000;

/** A file that was fetched; `release` removes it. */
export interface Download {
  readonly path: Buffer;
  readonly bytes: number;
  readonly release: () => Promise<void>;
}

/** Fetches what is at an address into a temporary file. Resolves with a code where it cannot. */
export async function download(url: URL): Promise<Download | LeftOutCode> {
  for (let tries = 1; ; tries += 1) {
    const ended = await once(url);
    if (typeof ended !== "object" || "path" in ended) return ended;
    if (tries >= TRIES) return "unreachable";
    await delay(Math.min(ended.waitMs ?? FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS));
  }
}

/** Another try may help, after what the server asks for. */
interface Passing {
  readonly waitMs: number | null;
}

async function once(url: URL): Promise<Download | LeftOutCode | Passing> {
  const folder = await mkdtemp(join(tmpdir(), "axial-download-"));
  const release = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, "file");
  try {
    const ended = await fetchInto(path, url);
    if (ended === null) {
      const { size } = await stat(path);
      return { path: Buffer.from(path), bytes: size, release };
    }
    await release();
    return ended;
  } catch (error) {
    await release();
    // What fetch and a broken body throw; a full disk is no fault of the address.
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") throw error;
    return { waitMs: null };
  }
}

/** Resolves with null once the file is whole. */
async function fetchInto(path: string, url: URL): Promise<LeftOutCode | Passing | null> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const answer = await fetch(withoutPassword(url), {
      headers: { accept: "application/dicom, application/zip, */*;q=0.5", ...credentialsOf(url) },
      signal: silence.signal,
    });
    if (!answer.ok || answer.body === null) {
      await answer.body?.cancel();
      return codeOf(answer);
    }
    const body = Readable.fromWeb(answer.body);
    body.on("data", () => timer.refresh());
    await pipeline(body, createWriteStream(path, { mode: 0o600 }));
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(answer: Response): LeftOutCode | Passing {
  switch (answer.status) {
    case 401:
    case 403:
      return "no-permission";
    case 404:
    case 410:
      return "missing";
    default: {
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
        return "unreachable";
      }
      const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
      return { waitMs: Number.isNaN(seconds) ? null : seconds * 1_000 };
    }
  }
}

function withoutPassword(url: URL): URL {
  const open = new URL(url);
  open.username = "";
  open.password = "";
  return open;
}

/** Basic authentication (RFC 7617) of an address with a name. */
function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(words).toString("base64")}` };
}
