import type { DestinationKind, DestinationTarget } from "@axial/contracts";
import type { DestinationRow, DueDelivery } from "@axial/store/delivery";
import type { Dependencies } from "../dependencies.ts";
import type { RunSources } from "../objects/run-sources.ts";

/** A delivery's run and its destination. */
export interface Package {
  readonly delivery: DueDelivery;
  readonly destination: DestinationRow;
  readonly sources: RunSources;
}

/** A delivery of one kind, with its target. */
export interface Shipment<Kind extends DestinationKind> extends Package {
  readonly target: Extract<DestinationTarget, { readonly kind: Kind }>;
}

export type SendDependencies = Pick<
  Dependencies,
  "db" | "blobs" | "models" | "drawings" | "guard" | "destinationFolder" | "publicUrl"
>;
