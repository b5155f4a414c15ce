import { npyHeader, readNpyHeader } from "../export/npy-header.js";
import { UserError } from "../graph/error.js";
import { elements } from "../graph/type.js";
import { ARRAYS } from "./host-array.js";
import type { HostTensor } from "./session.js";

/** The array of a .npy file: little-endian numbers in C order. `name` is what errors call it. */
export function decodeNpy(bytes: Uint8Array, name: string): HostTensor {
  const { dtype, shape, start, bigEndian, fortranOrder } = readNpyHeader(bytes, bytes.length, name);
  const make = ARRAYS[dtype];
  if (!make) throw new UserError(`${name} holds ${dtype}, and no input of a model does`);
  if (bigEndian) throw new UserError(`${name} is big-endian: save it with array.astype(array.dtype.newbyteorder('<'))`);
  if (fortranOrder) throw new UserError(`${name} is in Fortran order: save it with numpy.ascontiguousarray`);
  const wanted = elements(shape) * make(new ArrayBuffer(0)).BYTES_PER_ELEMENT;
  if (bytes.length - start !== wanted)
    throw new UserError(
      `${name} is ${dtype}[${shape.join(",")}], which takes ${wanted} bytes, but ${bytes.length - start} follow its header`,
    );
  return { dtype, shape, data: make(Uint8Array.from(bytes.subarray(start)).buffer) };
}

/** The bytes of a .npy file of version 1.0. */
export function encodeNpy({ dtype, shape, data }: HostTensor): Uint8Array {
  const header = npyHeader(dtype, shape);
  const out = new Uint8Array(header.length + data.byteLength);
  out.set(header);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return out;
}
