import { AxialError, parseAs } from "@axial/contracts";
import { Type } from "typebox";
import type { SourceFiles } from "./source/source-files.ts";

/** `metadata.json` of an export, so far as an import needs it. */
const MetadataSchema = Type.Object({
  labels: Type.Array(Type.String()),
  imageSize: Type.Optional(Type.Integer({ minimum: 8, maximum: 2048 })),
  packageName: Type.Optional(Type.String()),
  modelName: Type.Optional(Type.String()),
  tmVersion: Type.Optional(Type.String()),
  timeStamp: Type.Optional(Type.String()),
});

export interface TeachableMachine {
  readonly labels: readonly string[];
  readonly imageSize: number | null;
  readonly name: string | null;
  readonly origin: string;
}

const METADATA = "metadata.json";
const IMAGES = "@teachablemachine/image";

/**
 * The export's metadata, null for a plain TensorFlow.js model. Sound and pose models are refused.
 */
export function readMetadata(files: SourceFiles): TeachableMachine | null {
  if (!files.has(METADATA)) return null;
  const metadata = parseAs(MetadataSchema, files.json(METADATA), "invalid-model");
  const { labels, imageSize = null, modelName = null, packageName = IMAGES } = metadata;
  if (packageName !== IMAGES) {
    throw new AxialError("invalid-model", {
      detail: `the export is of ${packageName}; only ${IMAGES} classifies images`,
    });
  }
  const { tmVersion = "?", timeStamp = "an unknown day" } = metadata;
  const origin = `Trained with Teachable Machine ${tmVersion}, exported ${timeStamp.slice(0, 10)}.`;
  return { labels, imageSize, name: modelName, origin };
}
