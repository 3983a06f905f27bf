import { createEnvironment, missingImages, reasonToSkip } from "./environment.ts";
import { lastLines, steps } from "./steps.ts";

/**
 * `npm run e2e:docker`: docker/compose.yaml under a name of its own, on this machine's Docker, with
 * the images that `npm run images` built. One line per step; exit code 0 when all of them hold.
 * Grafana is left out where its image is unavailable, and a line says so.
 */
const GRAFANA = /^grafana\//;

const reason = reasonToSkip();
if (reason !== null) console.log(`skipped: ${reason}`);
else process.exitCode = (await runAll()) ? 0 : 1;

async function runAll(): Promise<boolean> {
  const environment = await createEnvironment();
  const { compose, adminKey } = environment;
  try {
    const missing = await missingImages(compose);
    const grafana = missing.filter((image) => GRAFANA.test(image));
    for (const image of grafana) console.log(`left out: ${image} is not on this machine`);
    if (missing.length > grafana.length) {
      console.log(
        `skipped: ${missing.join(", ")} missing (npm run images; npm run images:offline)`,
      );
      return true;
    }
    const wanted = ["edge", "worker", "prometheus", ...(grafana.length === 0 ? ["grafana"] : [])];
    const up = await timed("docker compose up", async () => {
      await compose.run("up", "--detach", "--wait", ...wanted);
    });
    if (!up) return false;
    const url = `http://${await compose.published("edge", 8080)}`;
    for (const [name, step] of Object.entries(steps(environment, { url, key: adminKey }))) {
      if (await timed(name, step)) continue;
      console.log(await lastLines(environment));
      return false;
    }
    return true;
  } finally {
    await compose.run("down", "--volumes", "--timeout", "40");
    await environment.remove();
  }
}

async function timed(name: string, step: () => Promise<void>): Promise<boolean> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1_000).toFixed(1)} s`;
  try {
    await step();
    console.log(`ok      ${name} (${seconds()})`);
    return true;
  } catch (error) {
    console.log(
      `FAILED  ${name} (${seconds()}): ${error instanceof Error ? error.message : error}`,
    );
    return false;
  }
}
