import { AxialError } from "@axial/contracts";
import type { LoadedPackage } from "../package/load-package.ts";
import type { InferenceSession, Provider, SessionOptions } from "./inference-session.ts";
import { openOnnxSession } from "./onnx-session.ts";

/**
 * Opens the model on the first provider of `options.providers` that works. Throws
 * `invalid-model` when manifest and graph contradict each other, `provider-fallback` with every
 * provider's reason when none works.
 */
export async function openSession(
  pkg: LoadedPackage,
  options: SessionOptions,
): Promise<InferenceSession> {
  if (pkg.manifest.runtime === "tfjs") {
    throw new AxialError("invalid-model", {
      detail: "TensorFlow.js packages must be converted to ONNX when they are imported",
    });
  }
  const reasons: string[] = [];
  for (const provider of options.providers) {
    try {
      return await openOnnxSession(pkg, provider, options);
    } catch (error) {
      if (error instanceof AxialError && error.code === "invalid-model") throw error;
      reasons.push(`${provider}: ${reasonOf(error, provider)}`);
    }
  }
  throw new AxialError("provider-fallback", { detail: reasons.join("; ") });
}

/** The runtime's reason without its source paths, on one line. */
function reasonOf(error: unknown, provider: Provider): string {
  const text = error instanceof Error ? error.message : "";
  const line = text.trim().split("\n").at(-1) ?? "";
  return line === "" ? `no ${provider} device` : line.slice(0, 200);
}
