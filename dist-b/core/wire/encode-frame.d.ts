/** Control frames to bytes; DATA is written by `batch.ts`. */
import type { DataFrame, WireFrame } from './frames.ts';
/** Every frame but DATA. */
export type ControlFrame = Exclude<WireFrame, DataFrame>;
/** Writes one control frame. */
export declare function encodeFrame(frame: ControlFrame): Uint8Array;
