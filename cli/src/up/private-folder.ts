import { chmod, mkdir } from "node:fs/promises";

/**
 * Root's PostgreSQL runs as another user, which has to pass through the data folder: it may, and
 * may not list it.
 */
export const PRIVATE_MODE: number = process.getuid?.() === 0 ? 0o711 : 0o700;

/** Makes a folder that is its owner's, also one that an earlier version left open. */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: PRIVATE_MODE });
  await chmod(folder, PRIVATE_MODE);
}
