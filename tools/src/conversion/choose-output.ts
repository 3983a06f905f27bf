import { AxialError } from "@axial/contracts";

/** An output of a network; sizes include the batch, and free ones are names or negative. */
export interface OfferedOutput {
  readonly name: string;
  readonly shape: readonly (number | string)[] | null;
}

const BOX_SIDES = 4;

/**
 * The position of the output that `wanted` names, by its name or its position from 0; without
 * `wanted`, of the only one. Throws `invalid-request` with what there is to choose from.
 */
export function chooseOutput(
  outputs: readonly OfferedOutput[],
  wanted: string | undefined,
): number {
  if (wanted === undefined && outputs.length === 1) return 0;
  const named = outputs.flatMap(({ name }, index) => (name === wanted ? [index] : []));
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const position = wanted !== undefined && /^\d+$/.test(wanted) ? Number(wanted) : -1;
  if (named.length === 0 && position >= 0 && position < outputs.length) return position;
  const offered = outputs.map((output, index) => `${index} ${described(output)}`).join("; ");
  throw new AxialError("invalid-request", {
    detail:
      named.length > 1
        ? `several outputs are called ${wanted}: choose one by its position: ${offered}`
        : `choose with --output one of the network's outputs, by name or position: ${offered}`,
  });
}

/**
 * What a network does whose output has this shape, where it is not a list of numbers for each image;
 * null for one that is, or whose shape is open. Sizes include the batch.
 */
function taskOf(shape: OfferedOutput["shape"]): string | null {
  if (shape === null || shape.length === 2 || shape.length === 0) return null;
  const last = shape.at(-1);
  switch (shape.length) {
    case 1:
      return "one number for each image, as regression returns";
    case 3:
      return last === BOX_SIDES
        ? "boxes, as object detection returns"
        : "a list of rows for each image, as object detection or text recognition returns";
    case 4:
      return "a map over the image, as segmentation returns";
    case 5:
      return "a map over a volume, as 3D segmentation returns";
    default:
      return `${shape.length} axes`;
  }
}

/** Throws `invalid-model` for an output that is not one list of numbers for each image. */
export function assertClassifies(output: OfferedOutput): void {
  const task = taskOf(output.shape);
  if (task === null) return;
  throw new AxialError("invalid-model", {
    detail: `output ${output.name} has shape [${output.shape?.join(", ")}]: ${task}. Axial runs classifiers: [batch, labels]`,
  });
}

function described({ name, shape }: OfferedOutput): string {
  const task = taskOf(shape);
  return `${name} [${shape?.map(sizeName).join(", ") ?? "?"}]${task === null ? "" : ` (${task})`}`;
}

function sizeName(size: number | string): string {
  return typeof size === "number" && size < 0 ? "batch" : String(size);
}
