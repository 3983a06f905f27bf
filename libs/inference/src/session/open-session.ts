import { AxialError } from "@axial/contracts";
import type { LoadedPackage } from "../package/load-package.ts";
import { checkedSession } from "./checked-session.ts";
import type { InferenceSession, Provider, SessionOptions } from "./inference-session.ts";
import type { LoadedNetwork } from "./loaded-network.ts";
import { loadOnnxNetwork } from "./onnx-network.ts";

/**
 * Opens the model on the first provider of `options.providers` that works. Throws
 * `invalid-model` when manifest and graph contradict each other, `provider-fallback` with every
 * provider's reason when none works.
 */
export async function openSession(
  pkg: LoadedPackage,
  options: SessionOptions,
): Promise<InferenceSession> {
  const reasons: string[] = [];
  for (const provider of options.providers) {
    try {
      return await checkedSession(pkg, await loadNetwork(pkg, provider, options));
    } catch (error) {
      if (error instanceof AxialError && error.code === "invalid-model") throw error;
      reasons.push(`${provider}: ${reasonOf(error, provider)}`);
    }
  }
  throw new AxialError("provider-fallback", { detail: reasons.join("; ") });
}

/** TensorFlow.js is loaded on demand: a process without such a package pays nothing for it. */
async function loadNetwork(
  pkg: LoadedPackage,
  provider: Provider,
  options: SessionOptions,
): Promise<LoadedNetwork> {
  if (pkg.manifest.runtime === "onnx") return loadOnnxNetwork(pkg, provider, options);
  const { loadTfjsNetwork } = await import("./tfjs/tfjs-network.ts");
  return loadTfjsNetwork(pkg, provider);
}

/** The runtime's reason on one line, without the place and condition in its source. */
function reasonOf(error: unknown, provider: Provider): string {
  const text = error instanceof Error ? error.message : "";
  const [line = ""] = (text.trim().split("\n").at(-1) ?? "").split(" was false. ").slice(-1);
  return line === "" ? `no ${provider} device` : line.slice(0, 200);
}
