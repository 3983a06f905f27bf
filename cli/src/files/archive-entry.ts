import type { LeftOutCode } from "./left-out.ts";

/** An entry of an archive; its content has to be read before the next entry is asked for. */
export type ArchiveEntry =
  | {
      readonly status: "entry";
      readonly name: Buffer;
      readonly open: () => Promise<AsyncIterable<Uint8Array>>;
    }
  | { readonly status: "left-out"; readonly name: Buffer; readonly code: LeftOutCode };
