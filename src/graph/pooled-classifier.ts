import { type DenseLayer, denseLayer } from "./dense-layer.js";
import type { Value } from "./graph.js";
import { squeezeOf } from "./squeeze.js";
import { uncast, unshaped } from "./walk.js";

/** Class scores that are a linear function of the mean of each channel of a map: logits = W mean(features) + b. */
export interface PooledClassifier {
  /** [N,K,H,W] */
  readonly features: Value;
  /** [N,classes], before any softmax, in any shape of as many numbers. */
  readonly logits: Value;
  /** Null where the means are the logits. */
  readonly layer: DenseLayer | null;
}

/** What makes probabilities of logits without changing which class is ahead. */
const PROBABILITIES = /* @__PURE__ */ new Set(["Softmax", "LogSoftmax", "Sigmoid"]);

/** The head that ends in `output`; a clause that says what stands in the way where it is of another kind. */
export function pooledClassifier(output: Value): PooledClassifier | string {
  let logits = unshaped(output);
  while (logits?.producer && PROBABILITIES.has(logits.producer.op)) logits = unshaped(logits.producer.inputs[0]);
  if (!logits?.producer) return `its output '${output.name}' is not computed`;
  const layer = denseLayer(logits);
  const features = averaged(layer ? layer.x : logits);
  if (features) return { features, logits, layer };
  if (!layer) return `its classes come from ${named(logits)}, which is no linear layer`;
  return `its last linear layer reads ${named(unshaped(layer.x))}, not the global average of a feature map`;
}

/** The map [N,C,H,W] that `value` is the mean of, channel by channel; null where it is something else. */
function averaged(value: Value): Value | null {
  const source = unshaped(value)?.producer?.inputs[0];
  const maps = [uncast(source), unshaped(source)];
  return maps.find((map) => map && squeezeOf(map, value) === "avg") ?? null;
}

function named(value: Value | null): string {
  const node = value?.producer;
  return node ? `${node.op} '${node.name || value.name}'` : `'${value?.name}'`;
}
