import type { AnyOp } from "../op.js";
import { add } from "./add.js";
import { batchNormalization } from "./batch-normalization.js";
import { conv } from "./conv.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { gemm } from "./gemm.js";
import { globalAveragePool } from "./global-average-pool.js";
import { identity } from "./identity.js";
import { maxPool } from "./max-pool.js";
import { mul } from "./mul.js";
import { relu } from "./relu.js";
import { reshape } from "./reshape.js";
import { sigmoid } from "./sigmoid.js";
import { softmax } from "./softmax.js";

/** Every operator that has a shape rule. */
export const ops: readonly AnyOp[] = [
  add,
  batchNormalization,
  conv,
  dropout,
  flatten,
  gemm,
  globalAveragePool,
  identity,
  maxPool,
  mul,
  relu,
  reshape,
  sigmoid,
  softmax,
];
