import { killIfAlive } from "../child-processes.ts";
import { ip, tc } from "./commands.ts";
import type { LinkDelay } from "./link-delay.ts";

export interface HostOptions {
  /** Also of its network namespace. */
  readonly name: string;
  readonly address: string;
  readonly switchName: string;
  readonly delay: LinkDelay;
}

/** A machine on the network: a namespace with an address of its own and a cable to the switch. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly #switchName: string;
  readonly #delay: LinkDelay;

  constructor({ name, address, switchName, delay }: HostOptions) {
    this.name = name;
    this.address = address;
    this.#switchName = switchName;
    this.#delay = delay;
  }

  /** The command that starts another one on this host. */
  get launcher(): readonly string[] {
    return ["ip", "netns", "exec", this.name];
  }

  /** The switch's end of its cable. */
  get #cable(): string {
    return `c-${this.name}`;
  }

  /** Is there, with nothing running on it: for the first time, or after it vanished. */
  async appear(): Promise<void> {
    const { name, address } = this;
    await ip(`netns add ${name}`);
    await ip(`link add ${this.#cable} type veth peer name eth0 netns ${name}`);
    // A host that comes back with another one would not be found until its neighbours forget.
    await ip(`-n ${name} link set eth0 address ${hardwareAddress(address)}`);
    await ip(`-n ${name} link set lo up`);
    await ip(`-n ${name} address add ${address}/16 dev eth0`);
    await ip(`-n ${name} link set eth0 up`);
    await ip(`link set ${this.#cable} master ${this.#switchName} up`);
  }

  /** The power fails: no host is notified, and every process is gone. */
  async vanish(): Promise<void> {
    await ip(`link del ${this.#cable}`);
    const pids = (await ip(`netns pids ${this.name}`)).split("\n").filter((line) => line !== "");
    // The name first: restarts of dead processes must not find the host.
    await ip(`netns del ${this.name}`);
    for (const pid of pids) killIfAlive(Number(pid));
  }

  /** Its cable is pulled out of the switch; it does not notice by itself. */
  async cutOff(): Promise<void> {
    await ip(`link set ${this.#cable} nomaster`);
  }

  async plugIn(): Promise<void> {
    await ip(`link set ${this.#cable} master ${this.#switchName}`);
  }

  /** Drops all traffic with these hosts, silently. */
  async partFrom(others: readonly Host[]): Promise<void> {
    for (const { address } of others) await ip(`-n ${this.name} route add blackhole ${address}/32`);
  }

  async meetAgain(others: readonly Host[]): Promise<void> {
    for (const { address } of others) await ip(`-n ${this.name} route del blackhole ${address}/32`);
  }

  async slowDown(): Promise<void> {
    await tc(`qdisc add dev ${this.#cable} root ${this.#delay.shape}`);
    await tc(`-n ${this.name} qdisc add dev eth0 root ${this.#delay.shape}`);
  }

  async speedUp(): Promise<void> {
    await tc(`qdisc del dev ${this.#cable} root`);
    await tc(`-n ${this.name} qdisc del dev eth0 root`);
  }
}

/** A locally administered one, made of the address on the network. */
function hardwareAddress(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return ["02", "00", ...bytes].join(":");
}
