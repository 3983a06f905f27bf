import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Made and lost with the shell that tries it: two ends of a cable, a switch, a host. */
const TRIAL =
  "mount -t tmpfs trial /mnt && ip link add trial0 type veth peer name trial1 && ip link add trial2 type bridge && tc -V";

/** Why this machine cannot play many, or null. */
export async function reasonToSkip(): Promise<string | null> {
  if (process.platform !== "linux") return "only Linux has network namespaces";
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  try {
    await run("unshare", ["--net", "--mount", "sh", "-c", TRIAL]);
    return null;
  } catch (error) {
    const [line] = String((error as { stderr?: string }).stderr ?? "").split("\n");
    return `this machine cannot make network namespaces (iproute2 and util-linux): ${line}`;
  }
}
