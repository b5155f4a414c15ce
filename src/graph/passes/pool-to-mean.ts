import { match } from "../match.js";
import { flatten } from "../ops/flatten.js";
import { globalAveragePool } from "../ops/global-average-pool.js";
import { rewrite } from "../pass.js";
import { int64s } from "../tensor.js";
import { isRanked, tensorType } from "../type.js";

/** First opset whose ReduceMean takes its axes as an input. */
const AXES_AS_INPUT = 18;
const PIXELS = [2, 3];

/** A GlobalAveragePool that is flattened to [N,C] is one ReduceMean over the pixels, which keeps no axes. */
export const poolToMean = /* @__PURE__ */ rewrite("pool-to-mean", flatten, ({ x, attrs, node, output }) => {
  const pool = match(globalAveragePool, x.producer);
  if (!pool || attrs.axis !== 1) return null;
  if (x.uses.length > 1) return `'${x.name}' is read elsewhere too`;
  const { type } = pool.x;
  if (!isRanked(type) || type.shape.length !== 4) return `'${pool.x.name}' is not known to be [N,C,H,W]`;
  const { graph } = node;
  const isInput = (graph.opsets.get("") ?? 1) >= AXES_AS_INPUT;
  const axes = isInput ? [graph.constant(`${node.name || output.name}.axes`, int64s(PIXELS))] : [];
  const mean = graph.add({
    op: "ReduceMean",
    name: pool.node.name,
    inputs: [pool.x, ...axes],
    attributes: {
      keepdims: { kind: "int", value: 0 },
      ...(isInput ? {} : { axes: { kind: "ints", value: PIXELS } }),
    },
    outputs: [{ name: output.name, type: tensorType(type.dtype, type.shape.slice(0, 2)) }],
  });
  return mean.outputs[0] ?? null;
});
