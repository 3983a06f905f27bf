import type { Evidence } from "@axial/contracts";
import { type Imported, importOnnx, importTfjs } from "@axial/tools/conversion";
import { printJson, printLine } from "../output.ts";
import {
  readLabels,
  readMetrics,
  readPreprocess,
  readSelector,
  readSlices,
} from "./read-options.ts";

/** Options of `axial models import`. */
export interface ImportFlags {
  readonly id: string;
  readonly version: string;
  readonly models: string;
  readonly labels?: string;
  readonly preprocess?: string;
  readonly selector?: string;
  readonly slices?: string;
  readonly activation: "none" | "softmax" | "sigmoid";
  readonly output?: string;
  readonly size?: number;
  readonly images?: string;
  readonly metrics?: string;
  readonly measuredOn?: string;
  readonly title?: string;
  readonly licence?: string;
  readonly evidence: Evidence;
  readonly force: boolean;
  readonly json: boolean;
}

/** Imports `source` and prints the result. */
export async function runImport(source: string, flags: ImportFlags): Promise<void> {
  const { labels, preprocess, selector, slices, metrics, ...rest } = flags;
  const imported = await (source.endsWith(".onnx") ? importOnnx : importTfjs)({
    ...rest,
    source,
    ...(labels === undefined ? {} : { labels: await readLabels(labels) }),
    ...(preprocess === undefined ? {} : { preprocess: await readPreprocess(preprocess) }),
    ...(selector === undefined ? {} : { selector: await readSelector(selector) }),
    ...(slices === undefined ? {} : { slices: readSlices(slices) }),
    ...(metrics === undefined ? {} : { metrics: await readMetrics(metrics) }),
    onStep: (step) => {
      if (process.stderr.isTTY) process.stderr.write(`${step}\n`);
    },
  });
  for (const warning of imported.warnings) process.stderr.write(`warning: ${warning}\n`);
  if (flags.json) printJson(imported);
  else print(imported);
}

function print(imported: Imported): void {
  const { id, version, runtime, labels, explanation, unexplained, parity, folder } = imported;
  printLine(`installed ${id} ${version} (${runtime}) in ${folder}`);
  printLine(`labels ${labels.join(", ")}; heat map ${explanation ?? `none: ${unexplained}`}`);
  if (parity === null) return;
  const { images, worst } = parity;
  printLine(`differs from TensorFlow.js by at most ${worst.toExponential(1)} on ${images} images`);
}
