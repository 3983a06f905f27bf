import type { UncompressedFrame } from "@axial/dicom";
import type { RenderOptions } from "./render-frame.ts";

/** An instance's file whose frames are read: `key` is its content's hash. */
export interface FrameSourceBytes {
  readonly key: string;
  /** Over shared memory, so that a thousand frames cost one copy. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** Pool to thread: one frame, counted from 0, uncompressed or as an image file. */
export interface FrameCommand extends FrameSourceBytes {
  readonly frame: number;
  readonly render: RenderOptions | null;
}

/** Thread to pool. A rendered frame has its file in `bytes`. */
export type FrameResult = UncompressedFrame;
