import { readdir } from "node:fs/promises";
import type { EngineConfig, ReadyModel } from "../protocol.ts";

/** What an operator should know of an engine although it serves. */
export async function engineNotes(
  { models: tuned, tensorrtCache }: Pick<EngineConfig, "models" | "tensorrtCache">,
  serving: readonly Pick<ReadyModel, "id" | "provider">[],
): Promise<string[]> {
  const unknown = Object.keys(tuned).filter((id) => !serving.some((model) => model.id === id));
  const notes = unknown.map((id) => `settings are given for ${id}, which is not installed`);
  const onTensorrt = serving.some(({ provider }) => provider === "tensorrt");
  if (onTensorrt && (tensorrtCache === null || (await isEmpty(tensorrtCache)))) {
    notes.push("TensorRT keeps no engine cache: every start builds its engines anew");
  }
  return notes;
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}
