import { tc } from "./commands.ts";

/** How a host's cable is made slow, both ways. */
export interface LinkDelay {
  readonly what: string;
  /** Words for `tc qdisc add dev … root`. */
  readonly shape: string;
}

const NETEM: LinkDelay = { what: "120 ± 40 ms by netem", shape: "netem delay 120ms 40ms" };

/**
 * Where the kernel lacks netem: each packet counts as 10 KB more than it is on a cable of 4 Mbit/s,
 * so that one takes 20 ms and waits for those before it, a second at most; more than that is lost.
 */
const CROWDED: LinkDelay = {
  what: "20 ms for each packet, one after the other",
  shape: "stab overhead 10000 tsize 512 tbf rate 4mbit burst 12000 limit 500000",
};

/** What this kernel can do. */
export async function findDelay(): Promise<LinkDelay> {
  try {
    await tc(`qdisc add dev lo root ${NETEM.shape}`);
    await tc("qdisc del dev lo root");
    return NETEM;
  } catch {
    return CROWDED;
  }
}
