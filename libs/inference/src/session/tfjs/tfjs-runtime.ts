import * as tf from "@tensorflow/tfjs-core";
import type { Provider, TfjsProvider } from "../inference-session.ts";

/** The native runtimes register a backend of this name. */
const NATIVE_BACKEND = "tensorflow";

/**
 * Makes TensorFlow.js run on the best that `provider` stands for here and says what it is: the
 * GPU build for a CUDA device; for the CPU the native build where it is installed and loads on
 * this Node, else WebAssembly. Throws when there is nothing.
 */
export async function startTfjs(provider: Provider): Promise<TfjsProvider> {
  if (provider === "cuda") {
    await startNative("@tensorflow/tfjs-node-gpu");
    return "tfjs-node-gpu";
  }
  if (provider !== "cpu") throw new Error(`TensorFlow.js does not run on ${provider}`);
  try {
    await startNative("@tensorflow/tfjs-node");
    return "tfjs-node";
  } catch {
    // Not installed, or built for another Node: WebAssembly runs everywhere.
    await startWasm();
    return "tfjs-wasm";
  }
}

/** An optional peer: where it is not installed, the import fails. */
async function startNative(specifier: string): Promise<void> {
  await import(specifier);
  await start(NATIVE_BACKEND);
}

async function startWasm(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  await start("wasm");
}

async function start(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend`);
  await tf.ready();
}
