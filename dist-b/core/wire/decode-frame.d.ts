/** Bytes to frames: whatever the bytes are, a frame or an `Unreadable`. */
import type { WireFrame } from './frames.ts';
/**
 * Reads one frame.
 *
 * A HELLO of another version is read as far as all versions agree: its `version`, and nothing else.
 *
 * @param parts what the transport brought; only DATA may have more than one
 * @throws Unreadable where the bytes are no frame
 */
export declare function decodeFrame(parts: readonly Uint8Array[]): WireFrame;
