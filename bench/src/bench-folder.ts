import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A new temporary folder. PostgreSQL, which runs as another user when root runs the bench, must
 * reach it: elsewhere it would lay its cluster where nobody removes it.
 */
export async function benchFolder(bench: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `axial-bench-${bench}-`));
  await chmod(folder, 0o755);
  return folder;
}
