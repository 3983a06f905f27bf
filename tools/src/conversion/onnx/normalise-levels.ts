import type { ModelInput } from "@axial/contracts";
import type { Normalisation } from "../normalisation.ts";
import type { GraphWriter } from "./graph-writer.ts";

/** Adds x·multiply + add, channel by channel where they differ, to float levels of 0…255. */
export function normaliseLevels(
  writer: GraphWriter,
  levels: string,
  { by, layout }: { readonly by: Normalisation; readonly layout: ModelInput["layout"] },
): string {
  const numbers = (list: readonly number[]) => {
    if (list.length === 1) return writer.floats(list[0] ?? 0);
    const dims = layout === "NCHW" ? [list.length, 1, 1] : [list.length];
    return writer.floats(Float32Array.from(list), dims);
  };
  const scaled = writer.node("Mul", [levels, numbers(by.multiply)]);
  return writer.node("Add", [scaled, numbers(by.add)]);
}
