import { AxialError, type ModelInput } from "@axial/contracts";

/** The image that a network takes, of the shape of one sample (channels last) that it declares. */
export type ImageInput = Pick<ModelInput, "channels" | "height" | "width">;

/** Depth, height, width, channels. */
const VOLUME_AXES = 4;

/**
 * Open sizes become `size`. Throws `invalid-model` when the network takes no image, or its size is
 * unknown.
 */
export function imageInput(
  declared: readonly (number | null)[] | null,
  size: number | null,
): ImageInput {
  const [rows, columns, channels, ...more] = declared ?? [];
  if (declared?.length === VOLUME_AXES) {
    throw invalid(`the network takes volumes (3D) of shape [${declared}]; Axial feeds slices`);
  }
  if (declared !== null && (declared.length < 3 || more.length > 0)) {
    throw invalid(`the network takes values of shape [${declared}], not images`);
  }
  if (channels !== 1 && channels !== 3) {
    throw invalid(`the network takes images of ${channels ?? "unknown"} channels, not of 1 or 3`);
  }
  const [height, width] = [rows ?? size, columns ?? size];
  if (height === null || width === null) {
    throw invalid("the network leaves its image size open: give it with --size");
  }
  return { channels, height, width };
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
