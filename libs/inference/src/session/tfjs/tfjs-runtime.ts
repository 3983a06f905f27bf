import * as tf from "@tensorflow/tfjs-core";
import type { Provider, TfjsProvider } from "../inference-session.ts";
import { supplyLegacyUtil } from "./legacy-util.ts";

/** The native runtimes register a backend of this name. */
const NATIVE_BACKEND = "tensorflow";

/**
 * Selects the best TensorFlow.js backend for `provider` and returns which one it is: for CUDA the
 * GPU build; for the CPU the native build where it is installed and works on this Node, else
 * WebAssembly. Throws when the provider is not available.
 */
export async function startTfjs(provider: Provider): Promise<TfjsProvider> {
  if (provider === "cuda") {
    await startNative("@tensorflow/tfjs-node-gpu");
    checkDevice();
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
  supplyLegacyUtil();
  await import(specifier);
  await start(NATIVE_BACKEND);
}

/** The GPU build runs on the CPU, with a warning, where it finds no device or no CUDA. */
function checkDevice(): void {
  const backend: object = tf.backend();
  if ("isUsingGpuDevice" in backend && backend.isUsingGpuDevice === true) return;
  throw new Error("@tensorflow/tfjs-node-gpu found no CUDA device");
}

async function startWasm(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  await start("wasm");
}

async function start(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend`);
  await tf.ready();
  await tryOperation(backend);
}

/** A native build that does not fit this Node often loads, and throws in its first operation. */
async function tryOperation(backend: string): Promise<void> {
  const sum = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), tf.scalar(1)));
  try {
    const [first, second] = await sum.data();
    if (first !== 2 || second !== 3) throw new Error(`${backend} adds wrongly`);
  } finally {
    sum.dispose();
  }
}
