import type { UncompressedFrame } from "@axial/dicom";
import type { RenderOptions } from "./render-frame.ts";

/** An instance's file whose frames are read: `key` is its content's hash. */
export interface FrameSourceBytes {
  readonly key: string;
  /** Whose it is: threads serve tenants in turns. */
  readonly tenant: string;
  /** Over shared memory, so that a thousand frames cost one copy. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** What is wanted of a frame. */
export type FrameWish =
  | { readonly form: "uncompressed" }
  | { readonly form: "rendered"; readonly options: RenderOptions }
  /** As it is compressed in the file, which has so many frames. */
  | { readonly form: "stored"; readonly frames: number };

/** Pool to thread: one frame, counted from 0. */
export interface FrameCommand extends Pick<FrameSourceBytes, "key" | "bytes"> {
  readonly frame: number;
  readonly wish: FrameWish;
}

/** Thread to pool. Where cells were not wanted, `bytes` holds the file or bit stream that was. */
export type FrameResult = UncompressedFrame;
