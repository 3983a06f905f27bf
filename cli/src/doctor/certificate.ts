import { connect, type PeerCertificate } from "node:tls";
import type { Finding } from "./finding.ts";

const DAY_MS = 86_400_000;
/** Time to have a new one signed. */
const LEAST_DAYS = 14;
const CONNECT_WITHIN_MS = 5_000;

/** How long the certificate of an https address is valid; nothing for http. */
export async function certificateFinding(url: string): Promise<Finding[]> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "https:") return [];
  const action = "renew the certificate";
  try {
    const { valid_to } = await peerCertificate(hostname, Number(port || 443));
    const days = Math.floor((Date.parse(valid_to) - Date.now()) / DAY_MS);
    const found = `valid for ${days} days`;
    return [{ check: "certificate", ok: days >= LEAST_DAYS, found, action }];
  } catch (error) {
    return [{ check: "certificate", ok: false, found: (error as Error).message, action }];
  }
}

function peerCertificate(host: string, port: number): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    // An expired one is what is looked for.
    const socket = connect({ host, port, servername: host, rejectUnauthorized: false });
    socket.setTimeout(CONNECT_WITHIN_MS, () => socket.destroy(new Error("no answer in time")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate());
      socket.end();
    });
  });
}
