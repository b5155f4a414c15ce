import { match } from "../match.js";
import { batchNormalization } from "../ops/batch-normalization.js";
import { conv } from "../ops/conv.js";
import { rewrite } from "../pass.js";
import { asFloat32, computed, once, readAll, scaleRows, type Tensor } from "../tensor.js";
import { f32 } from "../type.js";

/**
 * BatchNorm(Conv(x, W, b)) -> Conv(x, W', b'), where for each output channel
 *   k = scale / sqrt(variance + epsilon),  W' = k W,  b' = k (b - mean) + bias.
 * No byte is read until the new weights are.
 */
export const foldBatchNorm = /* @__PURE__ */ rewrite(
  "fold-batch-norm",
  batchNormalization,
  ({ x, scale, bias, mean, variance, attrs, node }) => {
    const source = match(conv, x.producer);
    if (!source) return null;
    if (x.graph !== node.graph) return `'${x.name}' is made outside this body`;
    if (x.uses.length > 1) return `'${x.name}' is read elsewhere too`;
    const [w, gamma, beta, mu, sigma2] = [source.w, scale, bias, mean, variance].map((v) => v.constant);
    if (!w || !gamma || !beta || !mu || !sigma2 || (source.b && !source.b.constant))
      return "not all parameters are constants";
    const all = [w, gamma, beta, mu, sigma2, ...(source.b?.constant ? [source.b.constant] : [])];
    const other = all.find((t) => t.dtype !== "float32");
    if (other) return `only float32 is folded, and a parameter is ${other.dtype}`;

    const k = once(async () => factorsOf(await floats(gamma), await floats(sigma2), attrs.epsilon));
    const weight = scaleRows(w, k);
    const shift = computed(f32(gamma.shape[0] ?? 0), async () =>
      shiftsOf(
        await k(),
        source.b?.constant ? await floats(source.b.constant) : null,
        await floats(mu),
        await floats(beta),
      ),
    );
    const { graph } = x;
    const biasName = source.b?.name ?? source.w.name.replace(/(\.weight)?$/, ".bias");
    return conv(source.x, graph.constant(source.w.name, weight), graph.constant(biasName, shift), {
      ...source.attrs,
      name: source.node.name,
    });
  },
);

const floats = async (t: Tensor): Promise<Float32Array> => asFloat32(await readAll(t));

/** k. Loops are functions of their own: within one that awaits they cost the engine's compiler several times as much. */
function factorsOf(scale: Float32Array, variance: Float32Array, epsilon: number): Float64Array {
  const k = new Float64Array(scale.length);
  for (let c = 0; c < k.length; c++) k[c] = (scale[c] ?? 0) / Math.sqrt((variance[c] ?? 0) + epsilon);
  return k;
}

/** b'. */
function shiftsOf(k: Float64Array, b: Float32Array | null, mean: Float32Array, bias: Float32Array): Float32Array {
  const shifts = new Float32Array(k.length);
  for (let c = 0; c < k.length; c++) shifts[c] = (bias[c] ?? 0) + (k[c] ?? 0) * ((b?.[c] ?? 0) - (mean[c] ?? 0));
  return shifts;
}
