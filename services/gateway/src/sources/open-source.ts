import type { SourceTarget } from "@axial/contracts";
import type { AddressGuard } from "@axial/kit/network";
import type { SourceRow } from "@axial/store/sources";
import { dicomwebSource } from "./dicomweb-source.ts";
import { dimseSource } from "./dimse-source.ts";
import type { StudySource } from "./study-source.ts";

interface SourceOptions {
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
}

/** The port to a configured source. `signal` gives up whatever is under way. */
export function openSource(
  { target }: Pick<SourceRow, "target">,
  options: SourceOptions,
): StudySource {
  const wanted = target as SourceTarget;
  switch (wanted.kind) {
    case "dimse":
      return dimseSource(wanted, options);
    case "dicomweb":
      return dicomwebSource(wanted, options);
    default:
      return wanted satisfies never;
  }
}
