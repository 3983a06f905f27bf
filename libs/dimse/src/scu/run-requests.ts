import { AxialError } from "@axial/contracts";
import type { association, requests } from "dcmjs-dimse";
import { dimse } from "../library.ts";
import { IDLE_TIMEOUT_MS } from "../limits.ts";
import { CONNECT_TIMEOUT_MS, connectTo } from "./connect.ts";
import type { Peer } from "./peer.ts";
import { isPending } from "./pending.ts";
import { Requestor, type RequestorEvents } from "./requestor.ts";

/** A presentation context that no request of ours asks for by itself. */
export interface ExtraContext {
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

export interface RunOptions extends Pick<RequestorEvents, "onStore" | "onEvent"> {
  readonly signal?: AbortSignal | undefined;
  /** The association stays open for so long after the last answer, for reports that come on it. */
  readonly lingerMs?: number;
  /** A message of the peer may be waited for this long; a minute when left out. */
  readonly silenceMs?: number;
  /** We are the SCP of what we ask for: reports of storage commitment (PS3.7 D.3.3.4). */
  readonly asProvider?: boolean;
  /** Contexts in which the peer may send to us (C-GET; role selection, PS3.7 D.3.3.4). */
  readonly storage?: readonly ExtraContext[];
}

const UNCOMPRESSED = [
  dimse.constants.TransferSyntax.ImplicitVRLittleEndian,
  dimse.constants.TransferSyntax.ExplicitVRLittleEndian,
];

/**
 * Runs requests on one association and releases it. Resolves when the association is over.
 * Rejects with `peer-unreachable` when it cannot be opened or breaks, `peer-rejected` when the
 * peer rejects it (the detail says which of the two sides was not recognized). A request whose
 * presentation context the peer does not accept is left out, without a response.
 */
export async function runRequests(
  peer: Peer,
  wanted: readonly requests.Request[],
  options: RunOptions = {},
): Promise<void> {
  for (const request of wanted) keepPending(request);
  const { signal, lingerMs = 0, silenceMs = IDLE_TIMEOUT_MS } = options;
  const socket = await connectTo(peer, signal);
  const { calledAeTitle } = peer;
  const times = { silenceMs, acceptMs: CONNECT_TIMEOUT_MS, lingerMs, calledAeTitle };
  await new Promise<void>((resolve, reject) => {
    let released = false;
    let failure: AxialError | null = null;
    const fail = (code: "peer-unreachable" | "peer-rejected", detail: string) => {
      failure ??= new AxialError(code, { detail });
    };
    const onAbort = () => {
      fail("peer-unreachable", "given up");
      requestor.giveUp();
    };
    const { onStore, onEvent } = options;
    const requestor = new Requestor(socket, times, {
      ...(onStore === undefined ? {} : { onStore }),
      ...(onEvent === undefined ? {} : { onEvent }),
      onRejected: ({ source, reason }) =>
        fail("peer-rejected", `association rejected: source ${source}, reason ${reason}`),
      onBroken: (reason) => fail("peer-unreachable", reason),
      onReleased: () => {
        released = true;
      },
      onClosed: () => {
        signal?.removeEventListener("abort", onAbort);
        if (failure !== null) reject(failure);
        else if (released) resolve();
        else reject(new AxialError("peer-unreachable", { detail: "the association ended early" }));
      },
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    requestor.open(associationFor(peer, wanted, options), wanted);
    if (signal?.aborted === true) onAbort();
  });
}

function associationFor(
  { callingAeTitle, calledAeTitle }: Peer,
  wanted: readonly requests.Request[],
  { storage = [], asProvider = false }: RunOptions,
): association.Association {
  const made = new dimse.association.Association(callingAeTitle, calledAeTitle);
  for (const request of wanted) {
    const id = made.addPresentationContextFromRequest(request, UNCOMPRESSED);
    if (asProvider) made.getPresentationContext(id).setProviderRole(true);
  }
  // The role is of the SOP class: it is proposed once, however many contexts the class has.
  const proposed = new Set<string>();
  for (const { abstractSyntax, transferSyntaxes } of storage) {
    const id = made.addPresentationContext(abstractSyntax);
    if (!proposed.has(abstractSyntax)) made.getPresentationContext(id).setProviderRole(true);
    proposed.add(abstractSyntax);
    for (const syntax of transferSyntaxes) made.addTransferSyntaxToPresentationContext(id, syntax);
  }
  return made;
}

/**
 * The library takes FF01 (pending, some keys were not supported: PS3.4 C.4.1.1.4) for the last
 * answer and would release the association after the first match.
 */
function keepPending(request: requests.Request): void {
  request.on("response", (response: { getStatus(): number; setStatus(status: number): void }) => {
    if (isPending(response.getStatus())) response.setStatus(dimse.constants.Status.Pending);
  });
}
