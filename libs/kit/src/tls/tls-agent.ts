import { Agent } from "node:https";
import type { LiveTls } from "./live-tls.ts";

type Connect = Agent["createConnection"];

/**
 * Connects to other services of the installation: shows the certificate of this one, and believes
 * the installation's authority alone where one is named.
 */
export class TlsAgent extends Agent {
  readonly #tls: LiveTls;

  constructor(tls: LiveTls) {
    super({ keepAlive: true });
    this.#tls = tls;
  }

  override createConnection(...[options, callback]: Parameters<Connect>): ReturnType<Connect> {
    const { cert, key, ca } = this.#tls.material;
    const own = { cert, key, ...(ca === null ? {} : { ca }) };
    return super.createConnection({ ...options, ...own, rejectUnauthorized: true }, callback);
  }
}
