import { randomUUID } from "node:crypto";
import { multipartRelated } from "../../stow.ts";
import type { Ledger, SentStudy } from "./ledger.ts";
import { type Patience, repeat } from "./repeat.ts";

/** A modality gives up on an answer after a while, and sends again. */
const REQUEST_TIMEOUT_MS = 15_000;
const REFERENCED_SOP_SEQUENCE = "00081199";
const REFERENCED_SOP_INSTANCE_UID = "00081155";

/** Statuses that no sender repeats: the request itself would be wrong. */
const isFinal = (status: number) =>
  status >= 400 && status < 500 && status !== 408 && status !== 409 && status !== 429;

interface DoorOptions extends Patience {
  /** One of them takes each request, as behind a load balancer. */
  readonly gateways: readonly string[];
  readonly ledger: Ledger;
}

/** The gateway as senders see it: they repeat until their data is acknowledged. */
export class Door {
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Stores files of a study; true once every one of them was called stored. */
  store(
    study: SentStudy,
    { key, files, headers }: { key: string; files: readonly Buffer[]; headers: object },
  ): Promise<boolean> {
    const { contentType, body } = multipartRelated(files);
    const all = {
      ...headers,
      authorization: `Bearer ${key}`,
      "axial-lane": study.lane,
      "content-type": contentType,
      accept: "application/dicom+json",
    };
    return this.#untilTaken("/dicom-web/studies", { headers: all, body }, async (answer) => {
      if (answer.status === 200 || answer.status === 202) keepReceipt(study, await answer.json());
      return answer.status === 200;
    });
  }

  /** Posts to the JSON API until it succeeds. */
  post(path: string, key: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${key}`, "idempotency-key": randomUUID() };
    return this.#untilTaken(path, { headers, body: null }, async (answer) => answer.ok);
  }

  #untilTaken(
    path: string,
    request: { headers: Record<string, string>; body: Buffer<ArrayBuffer> | null },
    taken: (answer: Response) => Promise<boolean>,
  ): Promise<boolean> {
    const { ledger } = this.#options;
    return repeat(this.#options, async () => {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const url = `${this.#gateway()}${path}`;
      const answer = await fetch(url, { method: "POST", ...request, signal }).catch(() => null);
      // A truncated answer counts as none.
      if (answer !== null && (await taken(answer).catch(() => false))) return "taken";
      if (answer !== null && isFinal(answer.status)) {
        ledger.rejections.push(`POST ${path.replace(/[0-9.]{8,}/, "{study}")}: ${answer.status}`);
        return "refused";
      }
      ledger.retry(answer === null ? "connection broken" : `HTTP ${answer.status}`);
      return "again";
    });
  }

  #gateway(): string {
    const { gateways, random } = this.#options;
    return gateways[Math.floor(random() * gateways.length)] ?? "";
  }
}

/** Notes which instances the answer calls stored. */
function keepReceipt(study: SentStudy, answer: unknown): void {
  const items = (answer as Record<string, { Value?: Record<string, { Value: string[] }>[] }>)[
    REFERENCED_SOP_SEQUENCE
  ];
  for (const item of items?.Value ?? []) {
    const [uid] = item[REFERENCED_SOP_INSTANCE_UID]?.Value ?? [];
    if (uid !== undefined) study.acknowledged.add(uid);
  }
}
