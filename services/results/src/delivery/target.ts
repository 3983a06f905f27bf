import type { DestinationKind, DestinationTarget } from "@axial/contracts";

/** The target of a destination of one kind. */
export type TargetOf<Kind extends DestinationKind> = Extract<
  DestinationTarget,
  { readonly kind: Kind }
>;
