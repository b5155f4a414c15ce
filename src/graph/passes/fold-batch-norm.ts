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

    const k = once(async () => {
      const [g, v] = await Promise.all([floats(gamma), floats(sigma2)]);
      return Float64Array.from(g, (scaleOf, c) => scaleOf / Math.sqrt((v[c] ?? 0) + attrs.epsilon));
    });
    const weight = scaleRows(w, k);
    const shift = computed(f32(gamma.shape[0] ?? 0), async () => {
      const [factor, b0, m, b] = await Promise.all([
        k(),
        floats(beta),
        floats(mu),
        source.b?.constant ? floats(source.b.constant) : null,
      ]);
      return b0.map((value, c) => value + (factor[c] ?? 0) * ((b?.[c] ?? 0) - (m[c] ?? 0)));
    });
    const { graph } = x;
    const biasName = source.b?.name ?? source.w.name.replace(/(\.weight)?$/, ".bias");
    return conv(source.x, graph.constant(source.w.name, weight), graph.constant(biasName, shift), {
      ...source.attrs,
      name: source.node.name,
    });
  },
);

const floats = async (t: Tensor): Promise<Float32Array> => asFloat32(await readAll(t));
