import type { Value } from "../src/graph/graph.js";
import { channelsOf } from "../src/graph/layers.js";
import { add } from "../src/graph/ops/add.js";
import type { Scope } from "../src/graph/scope.js";
import { type Activation, convNorm } from "./conv-norm.js";

/** Where the scale of a block's last normalisation starts, so that random networks of any depth, with SE and without, stay within float16's range. */
const SUMMED_GAMMA = 0.25;
/** The same where no x is added: up, since the gates of random SE are near a half. */
const ALONE_GAMMA = Math.SQRT2;

export interface InvertedResidualOptions {
  readonly kernel: number;
  readonly stride: number;
  /** Channels between the 1x1 convolutions. */
  readonly expanded: number;
  readonly out: number;
  readonly activation: Activation;
  readonly epsilon: number;
  /** Of the depthwise convolution; half its kernel on each side unless given. */
  readonly padding?: "same" | undefined;
  /** SE on the expanded channels, under the scope that it is given. None: a block published without. */
  readonly excite?: ((x: Value, s: Scope) => Value) | undefined;
}
/**
 * 1x1 to `expanded` channels (left out where x has them), depthwise, SE, 1x1 without activation; x is added where its shape is kept
 * (Sandler et al. 2018, https://arxiv.org/abs/1801.04381; with SE Howard et al. 2019, https://arxiv.org/abs/1905.02244, Fig. 4).
 * Numbers in names are torchvision's: `block.0` to `block.3`, a step left out of the published network having none.
 */
export function invertedResidual(x: Value, s: Scope, options: InvertedResidualOptions): Value {
  const { kernel, stride, expanded, out, activation, epsilon, padding, excite } = options;
  const channels = channelsOf(x);
  const kept = stride === 1 && out === channels;
  const block = s.at("block");
  let index = 0;
  let y = x;
  if (expanded !== channels) y = convNorm(y, block.at(index++), expanded, { activation, epsilon });
  y = convNorm(y, block.at(index++), expanded, { kernel, stride, padding, groups: expanded, activation, epsilon });
  if (excite) y = excite(y, block.at(index++));
  y = convNorm(y, block.at(index), out, { epsilon, gamma: kept ? SUMMED_GAMMA : ALONE_GAMMA });
  return kept ? add(y, x, { name: s.path }) : y;
}
