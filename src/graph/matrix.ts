import type { Matrix } from "./dense-layer.js";
import { asFloat32, computed, lazyTensor, readAll, type Tensor } from "./tensor.js";
import { f32 } from "./type.js";

/** A float32 matrix as the weight of a 1x1 convolution, [outputs,inputs,1,1]. */
export function asKernel({ tensor, transposed }: Matrix): Tensor {
  const [rows = 0, columns = 0] = tensor.shape;
  if (!transposed) return lazyTensor(f32(rows, columns, 1, 1), tensor.read);
  return computed(f32(columns, rows, 1, 1), async () => {
    const values = asFloat32(await readAll(tensor));
    return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
  });
}

/** A float32 tensor of n elements as a vector [n]. */
export const asVector = (t: Tensor, n: number): Tensor => lazyTensor(f32(n), t.read);

/** A B of kernels [m,k,1,1] and [k,n,1,1], summed in float64. */
export function multiplyKernels(a: Tensor, b: Tensor): Tensor {
  const [m = 0, k = 0] = a.shape;
  const [, n = 0] = b.shape;
  return computed(f32(m, n, 1, 1), async () => {
    const [left, right] = [asFloat32(await readAll(a)), asFloat32(await readAll(b))];
    const out = new Float32Array(m * n);
    const row = new Float64Array(n);
    for (let i = 0; i < m; i++) {
      row.fill(0);
      for (let j = 0; j < k; j++) addScaled(row, right, j * n, left[i * k + j] ?? 0);
      out.set(row, i * n);
    }
    return out;
  });
}
/** row += factor * values[at...], a loop of its own so that the engine compiles it at once. */
function addScaled(row: Float64Array, values: Float32Array, at: number, factor: number): void {
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) + factor * (values[at + i] as number); // i < length
}

/** A v + c of a kernel [m,k,1,1] and vectors [k] and [m], in float64. */
export function applyKernel(a: Tensor, v: Tensor, c: Tensor | null): Tensor {
  const [m = 0, k = 0] = a.shape;
  return computed(f32(m), async () => {
    const [w, x, start] = await Promise.all([readAll(a), readAll(v), c ? readAll(c) : new Uint8Array(m * 4)]);
    const [kernel, vector] = [asFloat32(w), asFloat32(x)];
    return asFloat32(start).map((s, i) => {
      let sum = s;
      for (let j = 0; j < k; j++) sum += (kernel[i * k + j] ?? 0) * (vector[j] ?? 0);
      return sum;
    });
  });
}
