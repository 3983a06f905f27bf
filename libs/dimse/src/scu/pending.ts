/** FF00: pending; FF01: pending, some optional keys were not supported (PS3.4 C.4.1.1.4). */
export function isPending(status: number): boolean {
  return status === 0xff00 || status === 0xff01;
}

/** A status as PS3.7 writes it. */
export function hex(status: number): string {
  return `0x${status.toString(16).padStart(4, "0")}`;
}
