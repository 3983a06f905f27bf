import { mkdir } from "node:fs/promises";
import { ip, mountTmpfs } from "./commands.ts";
import { Host } from "./host.ts";
import { findDelay, type LinkDelay } from "./link-delay.ts";

/** Where `ip netns` keeps the names of namespaces. */
const NAMES_FOLDER = "/run/netns";
const SWITCH = "switch";
const PREFIX = "10.77";
const SUBNET = `${PREFIX}.0.0/16`;
const OUTSIDE = `${PREFIX}.0.1`;

/**
 * A switch with hosts on it, in the private network and mount namespaces of this process. This
 * process itself is plugged into the switch, as senders and operators are.
 */
export class Network {
  /** All addresses of it. */
  readonly subnet = SUBNET;
  /** The address of this process. */
  readonly outside = OUTSIDE;
  readonly delay: LinkDelay;
  #hosts = 0;

  private constructor(delay: LinkDelay) {
    this.delay = delay;
  }

  static async open(): Promise<Network> {
    await mkdir(NAMES_FOLDER, { recursive: true });
    await mountTmpfs(NAMES_FOLDER);
    await ip("link set lo up");
    await ip(`link add ${SWITCH} type bridge`);
    await ip(`address add ${OUTSIDE}/16 dev ${SWITCH}`);
    await ip(`link set ${SWITCH} up`);
    return new Network(await findDelay());
  }

  /** A new host with an address that none had before. */
  async addHost(name: string): Promise<Host> {
    this.#hosts += 1;
    const address = `${PREFIX}.1.${this.#hosts}`;
    const host = new Host({ name, address, switchName: SWITCH, delay: this.delay });
    await host.appear();
    return host;
  }
}
