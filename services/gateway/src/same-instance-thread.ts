import { compareDataSets, type DicomInstance, frameCount, readInstance } from "@axial/dicom";
import { serveTenants } from "@axial/imaging";

/** Two files of one instance, in memory that threads share. */
export interface ComparisonCommand {
  readonly files: readonly [Uint8Array, Uint8Array];
}

/** How they differ; frames of the first, and the pixels of all of them. */
export interface Comparison {
  readonly difference: ReturnType<typeof compareDataSets>;
  readonly frames: number;
  readonly pixels: number;
}

function compare([own, other]: ComparisonCommand["files"]): Comparison {
  const [first, second] = [readInstance(own), readInstance(other)];
  const frames = frameCount(first.dataset);
  return { difference: compareDataSets(first, second), frames, pixels: frames * area(first) };
}

function area({ dataset }: DicomInstance): number {
  return (dataset.int(0x0028_0010) ?? 0) * (dataset.int(0x0028_0011) ?? 0);
}

/** The script of a thread that compares the data sets of two files. */
serveTenants<ComparisonCommand, Comparison>({ run: async ({ files }) => compare(files) });
