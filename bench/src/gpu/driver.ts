import { execFile } from "node:child_process";
import { promisify } from "node:util";

const QUERY = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];

/** Name, driver and memory of the first NVIDIA device; null where no such driver is installed. */
export async function driverOf(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", QUERY);
    return stdout.split("\n")[0]?.trim() ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
