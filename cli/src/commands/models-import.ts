import { EVIDENCE_LEVELS } from "@axial/contracts";
import { type Command, Option } from "commander";
import type { ImportFlags } from "../import/run-import.ts";

/** `axial models import`. */
export function registerModelsImport(command: Command): void {
  command
    .description("turn a Teachable Machine export, a TensorFlow.js or an ONNX model into a package")
    .argument("<source>", "zip or folder with model.json, or an .onnx file")
    .requiredOption("--id <id>", "id of the package")
    .option("--version <version>", "version of the package", "1.0.0")
    .option("--labels <names>", "a,b,c in the order of the outputs, or a file with one per line")
    .option("--preprocess <how>", "bytes, unit, signed, imagenet, or JSON (text or file)")
    .option("--selector <json>", "which series it takes: JSON (text or file) over the defaults")
    .option(
      "--slices <rule>",
      "which of a series: single, central:N, all:N, spread:N:FROM-TO, window:N:MM",
    )
    .addOption(
      new Option("--activation <name>", "what makes probabilities of the outputs")
        .choices(["none", "softmax", "sigmoid"])
        .default("none"),
    )
    .option("--output <name>", "the output with the probabilities, of several: name or position")
    .option("--size <pixels>", "image size, where the network leaves it open", Number)
    .option(
      "--images <folder>",
      "PNG and JPEG files for comparing a conversion, besides generated ones",
    )
    .option("--title <text>", "what it does, in words")
    .option("--licence <text>", "of weights and data")
    .addOption(
      new Option("--evidence <level>", "what its figures rest on")
        .choices([...EVIDENCE_LEVELS])
        .default("synthetic", "the weakest: it is used only where it is asked for by name"),
    )
    .option("--metrics <json>", 'figures by name, as {"accuracy": 0.91}: JSON (text or file)')
    .option("--measured-on <text>", "what the figures were measured on")
    .option("--force", "replace a package of the same id and version", false)
    .action(async (source: string, flags: ImportFlags) => {
      // TensorFlow.js takes a while to load: only this command pays for it.
      const { runImport } = await import("../import/run-import.ts");
      await runImport(source, flags);
    });
}
