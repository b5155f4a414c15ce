import { bytesPerElement } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { type Ranged, range, type Tensor } from "../../graph/tensor.js";
import { elements, show, tensorType } from "../../graph/type.js";
import { NPY_HEADER_BYTES, readNpyHeader } from "../npy-header.js";
import { littleEndian } from "./byte-order.js";
import type { Checkpoint } from "./checkpoint.js";
import { storageBytes, stridedTensor } from "./strided.js";
import { readZip } from "./zip.js";

/**
 * The arrays of a .npz file by numpy.savez or numpy.savez_compressed: KEY.npy in a zip archive. They stay in the file, and packed ones are
 * unpacked as they are read. Big-endian numbers and Fortran order are put right; arrays of objects and texts are refused by name.
 */
export async function readNpz(source: Ranged, name: string): Promise<Checkpoint> {
  const zip = await readZip(source, name);
  const tensors = new Map<string, Tensor>();
  let room = source.byteLength; // for short arrays, which are held
  for (const entry of zip.entries.values()) {
    if (!entry.name.endsWith(".npy")) throw new UserError(`${name} is no .npz file: it has '${entry.name}'`);
    const what = `'${entry.name}' in ${name}`;
    const t = await readArray(await zip.open(entry), what, room);
    room -= t.data?.length ?? 0;
    tensors.set(entry.name.slice(0, -".npy".length), t);
  }
  return { name, tensors, format: "NumPy", notes: [] };
}

async function readArray(file: Ranged, name: string, room: number): Promise<Tensor> {
  const front = await file.read(0, Math.min(file.byteLength, NPY_HEADER_BYTES));
  const { dtype, shape, start, bigEndian, fortranOrder } = readNpyHeader(front, file.byteLength, name);
  const wanted = elements(shape) * bytesPerElement(dtype);
  if (file.byteLength - start !== wanted)
    throw new UserError(
      `${name} is ${show(tensorType(dtype, shape))}, which takes ${wanted} bytes, but ${file.byteLength - start} follow its header`,
    );
  const content = range(file, start, file.byteLength);
  const bytes = await storageBytes(bigEndian ? littleEndian(content, dtype) : content, room);
  const strides = fortranOrder ? stridesOf(shape) : stridesOf([...shape].reverse()).reverse();
  return stridedTensor({ dtype, shape, strides, start: 0 }, bytes, name);
}
/** Of axes that lie together from the first on. */
function stridesOf(shape: readonly number[]): number[] {
  let next = 1;
  return shape.map((d) => {
    const stride = next;
    next *= d;
    return stride;
  });
}
