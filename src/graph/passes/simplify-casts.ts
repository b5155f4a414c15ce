import { DTYPES, type DType, dataType } from "../dtype.js";
import { inferShapes } from "../infer-shapes.js";
import { match } from "../match.js";
import { cast } from "../ops/cast.js";
import { type Pass, rewrite } from "../pass.js";
import type { Type } from "../type.js";
import { cannotGiveWay } from "./give-way.js";

/** Element types that hold every number of another, so that a Cast there and back changes nothing. */
const WIDER: Readonly<Partial<Record<DType, readonly DType[]>>> = {
  float16: ["float32", "float64"],
  bfloat16: ["float32", "float64"],
  float32: ["float64"],
  uint8: ["int16", "int32", "int64", "uint16", "uint32", "uint64", "float16", "float32", "float64"],
  int8: ["int16", "int32", "int64", "float16", "float32", "float64"],
  int16: ["int32", "int64", "float32", "float64"],
  uint16: ["int32", "int64", "uint32", "uint64", "float32", "float64"],
  int32: ["int64", "float64"],
  uint32: ["int64", "uint64", "float64"],
  bool: ["uint8", "int8", "int32", "int64", "float16", "float32", "float64"],
};

const onTyped = /* @__PURE__ */ rewrite("simplify-casts", cast, ({ x, attrs, node, output }) => {
  const to = DTYPES[attrs.to - 1];
  if (to && to === dtypeOf(x.type)) return cannotGiveWay(node.graph, output, x) ?? x;
  const before = match(cast, x.producer);
  const [first, between] = [dtypeOf(before?.x.type ?? null), dtypeOf(x.type)];
  if (!before || !first || !between || !to || to === "string") return null; // digits depend on the type
  if (before.x.graph !== node.graph) return `'${before.x.name}' is a value of the outer graph`;
  if (!WIDER[first]?.includes(between)) return `${between} does not hold every number of ${first}`;
  if (to === first) return cannotGiveWay(node.graph, output, before.x) ?? before.x;
  return cast(before.x, { ...attrs, to: dataType(to), name: node.name });
});

const dtypeOf = (type: Type | null): DType | null => (type?.kind === "tensor" ? type.dtype : null);

/** Takes out a Cast to the type that its input has, and, of two in a row, the first where it loses nothing. */
export const simplifyCasts: Pass = {
  name: onTyped.name,
  run(graph) {
    inferShapes(graph);
    return onTyped.run(graph);
  },
};
