import type { AnyOp } from "../op.js";
import { add } from "./add.js";
import { averagePool } from "./average-pool.js";
import { batchNormalization } from "./batch-normalization.js";
import { cast } from "./cast.js";
import { clip } from "./clip.js";
import { concat } from "./concat.js";
import { conv } from "./conv.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { gemm } from "./gemm.js";
import { globalAveragePool } from "./global-average-pool.js";
import { globalMaxPool } from "./global-max-pool.js";
import { hardSigmoid } from "./hard-sigmoid.js";
import { hardSwish } from "./hard-swish.js";
import { identity } from "./identity.js";
import { lrn } from "./lrn.js";
import { matMul } from "./mat-mul.js";
import { maxPool } from "./max-pool.js";
import { mul } from "./mul.js";
import { relu } from "./relu.js";
import { reshape } from "./reshape.js";
import { sigmoid } from "./sigmoid.js";
import { softmax } from "./softmax.js";
import { tanh } from "./tanh.js";
import { transpose } from "./transpose.js";

/** Every operator that has a shape rule. */
export const ops: readonly AnyOp[] = [
  add,
  averagePool,
  batchNormalization,
  cast,
  clip,
  concat,
  conv,
  dropout,
  flatten,
  gemm,
  globalAveragePool,
  globalMaxPool,
  hardSigmoid,
  hardSwish,
  identity,
  lrn,
  matMul,
  maxPool,
  mul,
  relu,
  reshape,
  sigmoid,
  softmax,
  tanh,
  transpose,
];
