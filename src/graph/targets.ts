import type { Pass } from "./pass.js";
import { blockLayout } from "./passes/block-layout.js";
import { convertFloat16 } from "./passes/convert-float16.js";
import { foldBatchNorm } from "./passes/fold-batch-norm.js";
import { foldConstants } from "./passes/fold-constants.js";
import { gateToConv } from "./passes/gate-to-conv.js";
import { gateToKernel } from "./passes/gate-to-kernel.js";
import { hoistSqueeze } from "./passes/hoist-squeeze.js";
import { inlineFunctions } from "./passes/inline-functions.js";
import { mergeGroups } from "./passes/merge-groups.js";
import { poolToMean } from "./passes/pool-to-mean.js";
import { recogniseActivations } from "./passes/recognise-activations.js";
import { removeDeadCode } from "./passes/remove-dead-code.js";
import { removeExpand } from "./passes/remove-expand.js";
import { removeIdentity } from "./passes/remove-identity.js";
import { scaleWeights } from "./passes/scale-weights.js";
import { shareConstants } from "./passes/share-constants.js";
import { simplifyCasts } from "./passes/simplify-casts.js";
import { simplifyTransposes } from "./passes/simplify-transposes.js";
import { simplifyViews } from "./passes/simplify-views.js";
import { spreadGate } from "./passes/spread-gate.js";

/** What a graph is made for: passes, in the order in which they run. */
export interface Target {
  readonly name: string;
  readonly summary: string;
  readonly passes: readonly Pass[];
  /** It is for a batch that is known. */
  readonly fixedBatch?: boolean;
}

/** Less of the same graph, wherever it runs: what the later passes look for comes out plain. */
const GENERAL: readonly Pass[] = [
  inlineFunctions,
  removeIdentity,
  foldConstants,
  simplifyCasts,
  simplifyTransposes,
  simplifyViews,
  removeExpand,
  recogniseActivations,
  foldBatchNorm,
];
/** SE in the fewest operators, its squeeze on the narrow side of the convolution before it. */
const SHORT_SE: readonly Pass[] = [gateToConv, hoistSqueeze];
/** Takes out what the passes before left unread; comes last. */
const TIDY: readonly Pass[] = [removeDeadCode, shareConstants];

/** Every target, the default one first. A pass that would change more than the last digits is in none of them. */
export const targets: readonly Target[] = [
  { name: "portable", summary: "any runtime: the graph as it is, with less in it", passes: [...GENERAL, ...TIDY] },
  {
    name: "cpu",
    summary: "processors, with standard operators only",
    passes: [...GENERAL, ...SHORT_SE, mergeGroups, scaleWeights, spreadGate, ...TIDY],
  },
  {
    name: "ort-cpu",
    summary: "ONNX Runtime's own build for processors, and that alone",
    fixedBatch: true,
    passes: [...GENERAL, ...SHORT_SE, mergeGroups, blockLayout, ...TIDY],
  },
  { name: "cuda", summary: "NVIDIA's graphics cards", passes: [...GENERAL, ...SHORT_SE, ...TIDY] },
  { name: "webgpu", summary: "graphics cards in browsers and Node", passes: [...GENERAL, ...SHORT_SE, ...TIDY] },
  {
    name: "wasm",
    summary: "processors in browsers",
    passes: [...GENERAL, ...SHORT_SE, gateToKernel, poolToMean, ...TIDY],
  },
];

/** Passes for those who ask for them by name: they change the numbers within what they say. */
const ON_REQUEST: readonly Pass[] = [convertFloat16];

/** Every pass there is, each once, in the order in which the targets have them. */
export const allPasses: readonly Pass[] = [...new Set([...targets.flatMap((t) => t.passes), ...ON_REQUEST])];
