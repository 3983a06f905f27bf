import { spawnSync } from "node:child_process";
import { globSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensorrtProblems } from "./tensorrt-version.ts";

/**
 * Run while the GPU image is built: `check-providers.ts cuda tensorrt`. Every library that a
 * provider links against (`ldd`) or opens while it runs must be found by the loader, at the
 * version that it wants, and ONNX Runtime must be able to load the provider. Only the driver may
 * be missing: it comes from the host. Exit code 1 with every problem, otherwise.
 */
const DRIVER = "libcuda.so.1";
const TENSORRT = /libnvinfer\.so\.\d+ => (\/\S+)/;
/** cuDNN 9 is a door to these, which it opens as a convolution asks for them. */
const CUDNN = [
  "graph",
  "ops",
  "cnn",
  "heuristic",
  "engines_precompiled",
  "engines_runtime_compiled",
];
/** Opened by name while they run, so that `ldd` knows nothing of them. */
const OPENED: Readonly<Record<string, readonly string[]>> = {
  cuda: ["libcudnn.so.9", ...CUDNN.map((part) => `libcudnn_${part}.so.9`), "libnvrtc.so.13"],
  tensorrt: ["libcudnn.so.9", "libnvinfer_plugin.so.10"],
};

const OPEN_SESSION = `
  import { InferenceSession } from "onnxruntime-node";
  const [model, provider] = process.argv.slice(1);
  await InferenceSession.create(model, { executionProviders: [provider] });`;
const NO_DRIVER =
  /libcuda\.so\.1: cannot open|CUDA failure (35|100)\b|no CUDA-capable device|driver version is insufficient/;
const MAX_REASON_LENGTH = 2_000;

const modules = fileURLToPath(new URL("../../node_modules/onnxruntime-node/", import.meta.url));
const folder = dirname(
  globSync(join(modules, "bin/*/linux/x64/onnxruntime_binding.node"))[0] ?? "",
);

const providers = process.argv.slice(2);
const problems = [...versionProblems(), ...providers.flatMap(check)];
for (const problem of problems) console.error(problem);
console.log(`${providers.join(", ")}: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function check(provider: string): string[] {
  const library = join(folder, `libonnxruntime_providers_${provider}.so`);
  return [
    ...linkProblems(library),
    ...(OPENED[provider] ?? []).flatMap(openProblems),
    ...sessionProblems(provider),
  ].map((problem) => `${provider}: ${problem}`);
}

/** The providers' wheel and npm's package are of one release: what lies between them has no version. */
function versionProblems(): string[] {
  const { version } = JSON.parse(readFileSync(join(modules, "package.json"), "utf8")) as {
    version: string;
  };
  const metadata = readFileSync(join(folder, "METADATA"), "utf8");
  const wheel = /^Version: (.+)$/m.exec(metadata)?.[1];
  return wheel === version ? [] : [`providers ${wheel} beside onnxruntime-node ${version}`];
}

function linkProblems(library: string): string[] {
  const { status, stdout, stderr } = spawnSync("ldd", [library], { encoding: "utf8" });
  if (status !== 0) return [`ldd: ${stderr.trim()}`];
  const missing = `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => line.includes("not found") && !line.includes(DRIVER))
    .map((line) => line.trim());
  const tensorrt = TENSORRT.exec(stdout)?.[1];
  if (tensorrt === undefined) return missing;
  return [...missing, ...tensorrtProblems(readFileSync(library), realpathSync(tensorrt))];
}

/** The loader's own search, in a separate process. */
function openProblems(library: string): string[] {
  const env = { ...process.env, LD_PRELOAD: library };
  const { stderr } = spawnSync(process.execPath, ["--version"], { env, encoding: "utf8" });
  return stderr.includes(library) && !stderr.includes(`(${DRIVER}:`) ? [stderr.trim()] : [];
}

/**
 * Opens a model on the provider in a process of its own, because ONNX Runtime tells only stderr
 * why a library does not load. Without a driver it must name the driver, and nothing else.
 */
function sessionProblems(provider: string): string[] {
  const [model] = globSync("models/*/*/weights.onnx");
  if (model === undefined) return ["the image holds no model"];
  const options = { encoding: "utf8", cwd: process.cwd() } as const;
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", OPEN_SESSION, model, provider],
    options,
  );
  if (status === 0 || NO_DRIVER.test(stderr)) return [];
  const reason = stderr.trim().slice(0, MAX_REASON_LENGTH) || `ended by ${signal}`;
  return [`ONNX Runtime cannot load it: ${reason}`];
}
