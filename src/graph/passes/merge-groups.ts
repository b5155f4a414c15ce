import type { Graph } from "../graph.js";
import { match } from "../match.js";
import { BLOCK } from "../nchwc/call.js";
import { conv } from "../ops/conv.js";
import { rewrite } from "../pass.js";
import { asFloat32, computed, readAll, type Tensor } from "../tensor.js";
import { elements, f32 } from "../type.js";

/**
 * Makes one group of neighbouring groups of a convolution until each has 16 channels, with weights of 0 between those that were apart: ONNX Runtime's
 * CPU provider takes no narrower groups into its blocked layout, and is faster there though it multiplies by zeros (ResNeXt: 5 to 10 % of the whole).
 */
export const mergeGroups = /* @__PURE__ */ rewrite("merge-groups", conv, ({ x, w, b, attrs, node }) => {
  const weight = w.constant;
  const [outputs = 0, inputs = 0] = weight?.shape ?? [];
  const { group } = attrs;
  if (!weight || !isNarrow(weight, group)) return null;
  const narrow = outputs / group;
  const merged = BLOCK / inputs;
  if (narrow !== inputs) return `it makes ${narrow} channels of ${inputs} in each group`;
  if (!Number.isInteger(merged) || group % merged)
    return `its ${group} groups of ${inputs} channels make no groups of ${BLOCK}`;
  if (weight.dtype !== "float32") return `only float32 is rewritten, and its weights are ${weight.dtype}`;
  const wide = x.graph.constant(w.name, widened(weight, merged));
  return conv(x, wide, b, { ...attrs, group: group / merged, name: node.name });
});

/** Whether the graph has a convolution that this pass is about. */
export const hasNarrowGroups = ({ nodes }: Graph): boolean =>
  nodes.some((node) => {
    const found = match(conv, node);
    return found?.w.constant ? isNarrow(found.w.constant, found.attrs.group) : false;
  });

/** Whether groups have less than a block of channels; depthwise has a kernel of its own. */
function isNarrow({ shape: [outputs, inputs = 0] }: Tensor, group: number): boolean {
  return group > 1 && inputs < BLOCK && !(inputs === 1 && outputs === group);
}

/** [O,I,kH,kW] -> [O,n I,kH,kW]: each of n neighbouring groups of I outputs keeps its own inputs. */
function widened(t: Tensor, n: number): Tensor {
  const [outputs = 0, inputs = 0, ...kernel] = t.shape;
  const row = inputs * elements(kernel);
  return computed(f32(outputs, n * inputs, ...kernel), async () => {
    const values = asFloat32(await readAll(t));
    const out = new Float32Array(outputs * n * row);
    for (let o = 0; o < outputs; o++) {
      const place = Math.floor(o / inputs) % n;
      out.set(values.subarray(o * row, (o + 1) * row), (o * n + place) * row);
    }
    return out;
  });
}
