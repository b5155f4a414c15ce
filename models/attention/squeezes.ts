import type { Value } from "../../src/graph/graph.js";
import { add } from "../../src/graph/ops/add.js";
import { globalAveragePool } from "../../src/graph/ops/global-average-pool.js";
import { globalMaxPool } from "../../src/graph/ops/global-max-pool.js";
import { mul } from "../../src/graph/ops/mul.js";
import type { Scope } from "../../src/graph/scope.js";
import { float32s } from "../../src/graph/tensor.js";

// Squeeze operators (Hu et al. v4, https://arxiv.org/abs/1709.01507, section 6.2): x [N,C,H,W] -> [N,C,1,1].

/** The largest value (Table 11). */
export const maxSqueeze = (x: Value, s: Scope): Value => globalMaxPool(x, { name: s.name("squeeze") });

/** Half the mean and half the largest value, as timm's SEModule with `add_maxpool`. */
export function averageMaxSqueeze(x: Value, s: Scope): Value {
  const both = add(globalAveragePool(x, { name: s.name("mean") }), globalMaxPool(x, { name: s.name("max") }));
  return mul(both, s.shared("half", float32s([0.5], [])), { name: s.name("squeeze") });
}
