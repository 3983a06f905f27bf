import type { Compose, Inspected } from "./compose.ts";
import { docker } from "./compose.ts";

/** The services that run Axial's own image. */
export const OWN_SERVICES = ["gateway", "archive", "results", "console", "worker"] as const;
const ROOT_IDS = /^(0|root)?(:|$)/;
/** Writes into its own folder, and says with which code the system refused. */
const WRITE =
  'try{require("fs").writeFileSync("/app/x","");console.log("written")}catch(e){console.log(e.code)}';
const FIRST_PROCESS = 'console.log(require("fs").readlinkSync("/proc/1/exe"))';

/** Hardening problems of the running containers. */
export async function hardeningProblems(compose: Compose): Promise<string[]> {
  const perService = await Promise.all(
    OWN_SERVICES.map(async (service) => {
      const [container] = await compose.inspect(service);
      if (container === undefined) return [`${service} does not run`];
      return [...settingProblems(container), ...(await insideProblems(container))];
    }),
  );
  return [...perService.flat(), ...(await networkProblems(compose))];
}

function settingProblems({ Name, Config, HostConfig }: Inspected): string[] {
  const { ReadonlyRootfs, CapDrop, SecurityOpt } = HostConfig;
  return [
    ...(ROOT_IDS.test(Config.User) ? ["runs as root"] : []),
    ...(ReadonlyRootfs ? [] : ["may write to its root file system"]),
    ...(CapDrop?.includes("ALL") ? [] : ["keeps capabilities"]),
    ...(SecurityOpt?.includes("no-new-privileges:true") ? [] : ["may gain privileges"]),
  ].map((problem) => `${Name}: ${problem}`);
}

async function insideProblems({ Name }: Inspected): Promise<string[]> {
  const container = Name.slice(1);
  const evaluate = (script: string) => docker("exec", container, "node", "--eval", script);
  const [write, first] = [await evaluate(WRITE), await evaluate(FIRST_PROCESS)];
  return [
    ...(write === "EROFS" ? [] : [`a write ended with ${write}, not EROFS`]),
    ...(first.endsWith("/node") ? [] : [`process 1 is ${first}, not Node`]),
  ].map((problem) => `${container}: ${problem}`);
}

/** A worker holds no credentials of the database, and no way to it. */
async function networkProblems(compose: Compose): Promise<string[]> {
  const [worker] = await compose.inspect("worker");
  const networks = Object.keys(worker?.NetworkSettings.Networks ?? {});
  return networks
    .filter((network) => /_(database|edge|pages)$/.test(network))
    .map((network) => `worker is on ${network}`);
}
