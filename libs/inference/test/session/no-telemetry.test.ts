import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
/** Says what is in the environment when ONNX Runtime's native library is about to be loaded. */
const SCRIPT = `
  import { registerHooks } from "node:module";
  registerHooks({
    load(url, context, next) {
      if (url.includes("/onnxruntime-node/dist/binding")) console.log(process.env.ORT_DISABLE_TELEMETRY);
      return next(url, context);
    },
  });
  await import("@axial/inference");`;

it("ONNX Runtime's telemetry is off before it is loaded", async () => {
  const flags = ["--input-type=module", "--eval", SCRIPT];
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, flags, { cwd: import.meta.dirname, env });
  const seen = new Set(stdout.trim().split("\n"));
  expect([...seen]).toEqual(["1"]);
});
