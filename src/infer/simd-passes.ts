import type { Passes, Taps } from "./resample-passes.js";
import { MARGIN, RECORD_HEAD, simdKernels } from "./simd-kernels.js";

/** Bytes of source rows that one call is given. */
const STRIP = 2 ** 20;
/** More is not copied into the kernel's memory. */
const MOST_BYTES = 2 ** 24;
const PAGE = 2 ** 16;

/** The passes in WebAssembly, a pixel or sixteen bytes at a time: the same bytes. Null where there is no WebAssembly with SIMD or the page's policy
 *  forbids to compile code. `otherwise` is for images that are too large. */
export function simdPasses(otherwise: Passes): Passes | null {
  const kernels = simdKernels();
  if (!kernels) return null;
  const { memory, alongX, alongY } = kernels;
  const reserve = (bytes: number): Uint8Array => {
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return new Uint8Array(memory.buffer);
  };
  return {
    alongX(pixels, band, taps) {
      const rowLength = pixels.width * 3;
      const outLength = band.width * 3;
      const table = recordsOf(taps, 3);
      const strip = Math.max(1, Math.floor(STRIP / rowLength));
      const source = aligned(table.byteLength);
      const result = aligned(source + strip * rowLength + MARGIN);
      if (result + strip * outLength > MOST_BYTES) return otherwise.alongX(pixels, band, taps);
      const bytes = reserve(result + strip * outLength + MARGIN);
      bytes.set(new Uint8Array(table.buffer));
      const out = new Uint8Array(band.height * outLength);
      for (let y = 0; y < band.height; y += strip) {
        const rows = Math.min(strip, band.height - y);
        const from = (band.top + y) * rowLength;
        bytes.set(pixels.data.subarray(from, from + rows * rowLength), source);
        alongX(source, result, table.byteLength, taps.stride, rows, rowLength);
        out.set(bytes.subarray(result, result + rows * outLength), y * outLength);
      }
      return out;
    },
    alongY(wide, rowLength, top, taps) {
      const table = recordsOf(taps, rowLength, top);
      const source = aligned(table.byteLength);
      const result = aligned(source + wide.length + MARGIN);
      const length = taps.starts.length * rowLength;
      if (result + length > MOST_BYTES) return otherwise.alongY(wide, rowLength, top, taps);
      const bytes = reserve(result + length + MARGIN);
      bytes.set(new Uint8Array(table.buffer));
      bytes.set(wide, source);
      alongY(source, result, table.byteLength, taps.stride, rowLength);
      return bytes.slice(result, result + length);
    },
  };
}

const aligned = (place: number): number => Math.ceil(place / MARGIN) * MARGIN;

/** For each output where its first input starts, `unit` bytes each and counted from input `first`, how many there are, and the weights. */
function recordsOf({ starts, counts, weights, stride }: Taps, unit: number, first = 0): Int32Array {
  const size = RECORD_HEAD + stride;
  const table = new Int32Array(starts.length * size);
  for (let i = 0; i < starts.length; i++) {
    table[i * size] = (starts[i]! - first) * unit;
    table[i * size + 1] = counts[i]!;
    table.set(weights.subarray(i * stride, (i + 1) * stride), i * size + RECORD_HEAD);
  }
  return table;
}
