import { readFile } from "node:fs/promises";
import {
  AxialError,
  ModelPackageSchema,
  matches,
  parseAs,
  type Selector,
  type SliceRule,
} from "@axial/contracts";
import { type Preprocess, PreprocessSchema } from "@axial/tools/conversion";
import { Type } from "typebox";

const SelectorRulesSchema = Type.Partial(ModelPackageSchema.properties.selector);

/** `a,b,c`, or a file with one label per line (as Teachable Machine's labels.txt: `0 name`). */
export async function readLabels(given: string): Promise<readonly string[]> {
  const text = await fileText(given);
  if (text === null) return given.split(",");
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const numbered = lines.every((line, index) => line.startsWith(`${index} `));
  return numbered ? lines.map((line) => line.slice(line.indexOf(" ") + 1)) : lines;
}

/** The name of a normalisation, or JSON with more. */
export async function readPreprocess(given: string): Promise<Preprocess> {
  const json = await readJson(given);
  return parseAs(PreprocessSchema, json ?? { normalise: given }, "invalid-request");
}

/** Rules of a selector, in JSON. */
export async function readSelector(given: string): Promise<Partial<Selector>> {
  const json = await readJson(given);
  return parseAs(SelectorRulesSchema, json, "invalid-request") as Partial<Selector>;
}

/** Figures by name, in JSON. */
export async function readMetrics(given: string): Promise<Readonly<Record<string, number>>> {
  return parseAs(
    ModelPackageSchema.properties.metrics.properties.values,
    await readJson(given),
    "invalid-request",
  );
}

/** `single`, `central:N`, `all:N`, `spread:N:FROM-TO` (fractions) or `window:N:MILLIMETRES`. */
export function readSlices(given: string): SliceRule {
  const rule = sliceRule(given.split(":"));
  if (matches(ModelPackageSchema.properties.slices, rule)) return rule;
  throw new AxialError("invalid-request", {
    detail: `--slices ${given}: single, central:N, all:N, spread:N:FROM-TO or window:N:MILLIMETRES`,
  });
}

function sliceRule([kind, number, part = ""]: readonly string[]): unknown {
  const count = Number(number);
  switch (kind) {
    case "single":
      return number === undefined ? { kind } : null;
    case "all":
      return { kind, max: count };
    case "central":
      return { kind, count };
    case "spread": {
      const [from, to] = part.split("-").map(Number);
      return { kind, count, from, to };
    }
    case "window":
      return { kind, count, millimetres: Number(part), centre: 0.5 };
    default:
      return null;
  }
}

/** The JSON in the option, or in the file that it names; null when it is neither. */
async function readJson(given: string): Promise<unknown> {
  const text = given.trimStart().startsWith("{") ? given : await fileText(given);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AxialError("invalid-request", { detail: "an option is not JSON", cause });
  }
}

async function fileText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}
