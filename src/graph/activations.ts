import type { Value } from "./graph.js";
import { clip } from "./ops/clip.js";
import { hardSigmoid } from "./ops/hard-sigmoid.js";
import { hardSwish } from "./ops/hard-swish.js";
import { mul } from "./ops/mul.js";
import { sigmoid } from "./ops/sigmoid.js";
import type { Scope } from "./scope.js";
import { float32s } from "./tensor.js";

/** x sigmoid(x) (PyTorch's SiLU), element by element. */
export const silu = (x: Value): Value => mul(x, sigmoid(x));

/** min(max(x + 3, 0), 6) / 6 (PyTorch's Hardsigmoid, whose slope is 1/6 and not ONNX's 0.2), element by element. */
export const hardsigmoid = (x: Value): Value => hardSigmoid(x, { alpha: 1 / 6, beta: 0.5 });

/** x hardsigmoid(x) (PyTorch's Hardswish), element by element. */
export const hardswish = (x: Value): Value =>
  (x.graph.opsets.get("") ?? 0) < hardSwish.def.since ? mul(x, hardsigmoid(x)) : hardSwish(x);

/** min(max(x, 0), 6) (PyTorch's ReLU6), element by element. */
export const relu6 = (x: Value, s: Scope): Value =>
  clip(x, s.shared("relu6.min", float32s([0], [])), s.shared("relu6.max", float32s([6], [])));
