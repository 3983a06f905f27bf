import { inflateSync } from "node:zlib";
import { AxialError, type Golden, type ModelPackage } from "@axial/contracts";

/** One golden case with its input unpacked. */
export interface GoldenCase {
  readonly name: string;
  readonly images: number;
  /** Samples one after another, as `InferenceSession.run` takes them. */
  readonly input: Uint8Array;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/**
 * The cases of `golden`. Throws `invalid-model` unless each has the shape of the manifest's input.
 */
export function readGoldenCases(golden: Golden, manifest: ModelPackage): GoldenCase[] {
  return golden.cases.map(({ name, input, outputs }) => {
    const [images = 0, ...sample] = input.shape;
    if (input.dtype !== manifest.input.dtype || sample.join() !== sampleShape(manifest).join()) {
      throw invalid(`golden case "${name}" is not of the input's type and shape`);
    }
    const bytes = unpack(input.data, images * sampleBytes(manifest));
    if (bytes === null) throw invalid(`golden case "${name}" has a damaged input`);
    for (const head of manifest.heads) {
      if (outputs[head.output]?.length !== images * head.labels.length) {
        throw invalid(`golden case "${name}" has no ${head.output} for its labels`);
      }
    }
    const { domain } = manifest;
    if (domain !== undefined && outputs[domain.output]?.length !== images) {
      throw invalid(`golden case "${name}" has no ${domain.output} for its images`);
    }
    return { name, images, input: bytes, outputs };
  });
}

/** Shape of one sample in the order of the layout. */
export function sampleShape({ input }: ModelPackage): [number, number, number] {
  const { channels, height, width } = input;
  return input.layout === "NCHW" ? [channels, height, width] : [height, width, channels];
}

/** Bytes of one sample of the model's input. */
export function sampleBytes(manifest: ModelPackage): number {
  const [a, b, c] = sampleShape(manifest);
  return a * b * c * (manifest.input.dtype === "float32" ? 4 : 1);
}

function unpack(data: string, expected: number): Uint8Array | null {
  try {
    const bytes = inflateSync(Buffer.from(data, "base64"), { maxOutputLength: expected });
    return bytes.length === expected ? Uint8Array.from(bytes) : null;
  } catch {
    return null;
  }
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
