import type protobuf from "protobufjs/minimal.js";
// @ts-expect-error the package describes itself as a whole only, and this is the one part that is needed: the rest is as long again
import Whole from "protobufjs/src/reader.js";

/** protobufjs's reader of the wire format. It throws where bytes end early or make no sense. */
export type Reader = protobuf.Reader;
const Reader: new (bytes: Uint8Array) => Reader = Whole;

/** A reader at the start of `bytes`. */
export const readerOf = (bytes: Uint8Array): Reader => new Reader(bytes);
