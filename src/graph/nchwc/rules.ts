import { convolution } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import { gate } from "./gate.js";
import type { Rule } from "./layout.js";
import { join, pass, pool } from "./maps.js";
import { sum } from "./sum.js";

/** How each operator is computed on blocked maps. */
export const RULES: ReadonlyMap<string, Rule> = /* @__PURE__ */ new Map<string, Rule>([
  ["Conv", convolution],
  ["MaxPool", pool],
  ["AveragePool", pool],
  ["GlobalAveragePool", pool],
  ["GlobalMaxPool", pool],
  ["Add", sum],
  ["Mul", gate],
  ["Concat", join],
  ["Identity", pass],
  ["Dropout", pass],
  ["Relu", elementwise],
  ["LeakyRelu", elementwise],
  ["Sigmoid", elementwise],
  ["HardSigmoid", elementwise],
  ["HardSwish", elementwise],
  ["Tanh", elementwise],
  ["Clip", elementwise],
]);
