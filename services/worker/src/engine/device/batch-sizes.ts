/**
 * The batch sizes that a device runs: powers of two, and the largest. A device prepares itself for
 * every size that it meets (cuDNN searches algorithms, TensorRT extends its engine), so it meets
 * few, all of them before it serves.
 */
export function batchSizes(largest: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < largest; size *= 2) sizes.push(size);
  return [...sizes, largest];
}

/** The smallest of `sizes`, in ascending order, that holds `images`, or `images` itself. */
export function paddedTo(sizes: readonly number[], images: number): number {
  return sizes.find((size) => size >= images) ?? images;
}
