import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A new temporary folder that PostgreSQL can reach even though it runs as another user when root
 * runs the bench: otherwise its cluster would go where it is never removed.
 */
export async function benchFolder(bench: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `axial-bench-${bench}-`));
  await chmod(folder, 0o755);
  return folder;
}
