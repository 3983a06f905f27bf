/** A number of bytes as people read it. */
export function gigabytes(bytes: number): string {
  const amount = bytes / 1e9;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} GB`;
}
