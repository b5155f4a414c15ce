// Reads the .npy files of the comparison and measures how far two of them are apart.

import { readFile } from "node:fs/promises";

/**
 * A little-endian float32 array in C order, NumPy's .npy format 1 to 3.
 * @param {string} file
 * @returns {Promise<{shape: number[], data: Float32Array}>}
 */
export async function readNpy(file) {
  const bytes = await readFile(file);
  const version = bytes[6];
  const [start, length] = version === 1 ? [10, bytes.readUInt16LE(8)] : [12, bytes.readUInt32LE(8)];
  const header = bytes.toString("latin1", start, start + length);
  if (!/'descr': *'<f4'/.test(header) || !/'fortran_order': *False/.test(header)) {
    throw new Error(`${file} is not a float32 array in C order: ${header.trim()}`);
  }
  const shape = (/'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .filter((dim) => dim.trim() !== "")
    .map(Number);
  const body = bytes.subarray(start + length);
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (body.length !== 4 * size) throw new Error(`${file} holds ${body.length} bytes for shape [${shape}]`);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => body.readFloatLE(4 * i)) };
}

/**
 * max|a - b| / max|b|, where b is the reference. NaN anywhere gives NaN, which passes no limit.
 * @param {string} a
 * @param {string} b
 */
export async function relativeError(a, b) {
  const [ours, reference] = await Promise.all([readNpy(a), readNpy(b)]);
  if (String(ours.shape) !== String(reference.shape)) {
    throw new Error(`shape [${ours.shape}] where PyTorch has [${reference.shape}]`);
  }
  const difference = ours.data.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - (reference.data[i] ?? Number.NaN))),
    0,
  );
  const scale = reference.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return difference / scale;
}
