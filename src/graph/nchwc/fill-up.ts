import type { Value } from "../graph.js";
import { asFloat32, computed, readAll, type Tensor } from "../tensor.js";
import { elements, f32 } from "../type.js";

/** A float32 constant [m,k,...] in the corner of one of zeros [M,K,...]; itself where it is that large. */
export function fillUp(value: Value, ...leading: readonly number[]): Value {
  const t = value.constant;
  const shape = t && [...leading, ...t.shape.slice(leading.length)];
  return !shape || shape.join() === t.shape.join() ? value : value.graph.constant(value.name, filled(t, shape));
}

function filled(t: Tensor, shape: readonly number[]): Tensor {
  const row = elements(t.shape.slice(1));
  const wide = elements(shape.slice(1));
  return computed(f32(...shape), async () => {
    const values = asFloat32(await readAll(t));
    const out = new Float32Array(elements(shape));
    for (let i = 0; i * row < values.length; i++) out.set(values.subarray(i * row, (i + 1) * row), i * wide);
    return out;
  });
}
