import { spawn } from "node:child_process";
import { once } from "node:events";

export interface StorescuTarget {
  readonly port: number;
  readonly calledTitle: string;
}

/** Largest PDU that dcmtk sends; each side takes the smaller of its own and the peer's. */
const MAX_PDU = "131072";

/**
 * Sends `file` so many times on one association with dcmtk's storescu, each time as another
 * instance, fifty to a study. Rejects unless every C-STORE ended with success.
 */
export async function storescu(
  target: StorescuTarget,
  file: string,
  repeat: number,
): Promise<void> {
  const sender = spawn(
    "storescu",
    [
      ...["-aec", target.calledTitle, "-aet", "BENCH", "-pdu", MAX_PDU, "--max-send-pdu", MAX_PDU],
      ...["--no-halt", "--invent-series", "50", "--invent-study", "1", "--repeat", String(repeat)],
      ...["127.0.0.1", String(target.port), file],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  sender.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  const [code] = await once(sender, "close");
  if (code !== 0 || /^[EF]:/m.test(said)) throw new Error(`storescu ended with ${code}: ${said}`);
}
