import { bytesPerElement } from "../../graph/dtype.js";
import { UserError } from "../../graph/error.js";
import { type Ranged, range, SMALL_BYTES, type Tensor } from "../../graph/tensor.js";
import { elements, show, tensorType } from "../../graph/type.js";
import { readNpyHeader } from "../npy-header.js";
import { littleEndian } from "./byte-order.js";
import type { Checkpoint } from "./checkpoint.js";
import { checked } from "./crc32.js";
import { isLengths, MAX_RANK } from "./limits.js";
import { quoted } from "./names.js";
import { storageBytes, stridedTensor } from "./strided.js";
import { readZip } from "./zip.js";

/**
 * The arrays of a .npz file by numpy.savez or numpy.savez_compressed: KEY.npy in a zip archive. They stay in the file, and packed ones are
 * unpacked as they are read; where one is read to its end, its CRC-32 is checked. Big-endian numbers and Fortran order are put right; arrays of
 * objects and texts are refused by name.
 */
export async function readNpz(source: Ranged, name: string): Promise<Checkpoint> {
  const zip = await readZip(source, name);
  if (zip.entries.size > MOST_ARRAYS)
    throw new UserError(`${name} has ${zip.entries.size} arrays, and ${MOST_ARRAYS} are the most`);
  const tensors = new Map<string, Tensor>();
  let room = source.byteLength; // for short arrays, which are held
  for (const entry of zip.entries.values()) {
    if (!entry.name.endsWith(".npy")) throw new UserError(`${name} is no .npz file: it has ${quoted(entry.name)}`);
    const what = `${quoted(entry.name)} in ${name}`;
    const t = await readArray(checked(await zip.open(entry), entry.crc, what), what, room);
    room -= t.data?.length ?? 0;
    tensors.set(entry.name.slice(0, -".npy".length), t);
  }
  return { name, tensors, format: "NumPy", notes: [] };
}

/** Several times those of the largest network; each is opened and begun to be unpacked. */
const MOST_ARRAYS = 8192;
/** The header of an array of numbers is no longer, whatever its shape. */
const HEADER_BYTES = 4096;

async function readArray(file: Ranged, name: string, room: number): Promise<Tensor> {
  const short = file.byteLength <= HEADER_BYTES + SMALL_BYTES; // then it is read at once: a packed one is unpacked from its front on
  const front = await file.read(0, short ? file.byteLength : HEADER_BYTES);
  const { dtype, shape, start, bigEndian, fortranOrder } = readNpyHeader(
    front.subarray(0, HEADER_BYTES),
    file.byteLength,
    name,
  );
  const rank = shape.length;
  if (!isLengths(shape))
    throw new UserError(`${name} has ${rank} axes, and ${MAX_RANK} of less than 2^53 are the most`);
  const wanted = elements(shape) * bytesPerElement(dtype);
  if (file.byteLength - start !== wanted)
    throw new UserError(
      `${name} is ${show(tensorType(dtype, shape))}, which takes ${wanted} bytes, but ${file.byteLength - start} follow its header`,
    );
  const content = range(short ? held(front) : file, start, file.byteLength);
  const bytes = await storageBytes(bigEndian ? littleEndian(content, dtype) : content, room);
  const strides = fortranOrder ? stridesOf(shape) : stridesOf([...shape].reverse()).reverse();
  return stridedTensor({ dtype, shape, strides, start: 0 }, bytes, name);
}
const held = (bytes: Uint8Array): Ranged => ({
  byteLength: bytes.length,
  read: async (start, end) => bytes.slice(start, end),
});
/** Of axes that lie together from the first on. */
function stridesOf(shape: readonly number[]): number[] {
  let next = 1;
  return shape.map((d) => {
    const stride = next;
    next *= d;
    return stride;
  });
}
