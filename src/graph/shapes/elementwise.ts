import { DTYPES, type DType } from "../dtype.js";
import { isRanked, type Type, tensorType } from "../type.js";
import { type Call, given, intOf, like, placeOf, type Rule, rankedAt, typeAt } from "./call.js";
import { broadcastAll } from "./dims.js";

/** The type of the first input. */
const same: Rule = ({ node }) => [node.inputs[0]?.type ?? null];

/** All inputs broadcast to one shape, in the element type of input `of` or in `dtype`. */
const broadcast =
  (of = 0, dtype: DType | null = null): Rule =>
  (call) => {
    const type = dtype ? tensorType(dtype, null) : typeAt(call, of);
    if (!type) return [null];
    if (call.opset < 7 && call.node.attributes.broadcast)
      return [tensorType(type.dtype, rankedAt(call, 0)?.shape ?? null)];
    const shapes = call.node.inputs.map((v) => (isRanked(v?.type ?? null) ? rankedOf(v?.type ?? null) : null));
    return [tensorType(type.dtype, shapes.every((s) => s !== null) ? broadcastAll(shapes) : null)];
  };
const rankedOf = (type: Type | null) => (isRanked(type) ? type.shape : null);

/** The first input's shape in another element type. */
const as =
  (dtype: (call: Call) => DType | null): Rule =>
  (call) => {
    const to = dtype(call);
    return [to && tensorType(to, typeAt(call, 0)?.shape ?? null)];
  };

/** The element type asked for; null before opset 6, which wrote it as a word. */
function castTarget(call: Call): DType | null {
  const to = intOf(call, "to");
  return to === null ? null : (DTYPES[to - 1] ?? null);
}

/** Dropout: the mask is as its input, of truth values since opset 10. */
const dropout: Rule = (call) => {
  const shape = typeAt(call, 0)?.shape ?? null;
  return [like(call, shape), call.opset >= 10 ? tensorType("bool", shape) : like(call, shape)];
};
const dequantize: Rule = (call) => [
  tensorType(
    given(call, 1) && call.opset >= 19 ? (typeAt(call, 1)?.dtype ?? "float32") : "float32",
    typeAt(call, 0)?.shape ?? null,
  ),
];
const quantize: Rule = (call) => {
  const asked = intOf(call, "output_dtype");
  const dtype = given(call, 2) ? typeAt(call, 2)?.dtype : asked ? DTYPES[asked - 1] : "uint8";
  return [dtype ? tensorType(dtype, typeAt(call, 0)?.shape ?? null) : null];
};
/** Mean and deviation are told one for each stretch that is normalised: axes from `axis` on are 1 long. */
const layerNormalization: Rule = (call) => {
  const x = rankedAt(call, 0);
  const at = placeOf(intOf(call, "axis") ?? -1, x?.shape.length ?? 1);
  const one = x ? x.shape.map((d, i) => (i < at ? d : 1)) : null;
  const stash = DTYPES[(intOf(call, "stash_type") ?? 1) - 1] ?? "float32";
  return [like(call, x?.shape ?? null), tensorType(stash, one), tensorType(stash, one)];
};
/** In training the running mean and variance are told too. */
const batchNormalization: Rule = (call) => {
  const training = call.opset >= 14 && intOf(call, "training_mode") === 1;
  return [like(call, typeAt(call, 0)?.shape ?? null), ...(training ? [typeAt(call, 3), typeAt(call, 4)] : [])];
};
/** Scale and zero point are one number each. */
const dynamicQuantize: Rule = (call) => [
  tensorType("uint8", typeAt(call, 0)?.shape ?? null),
  tensorType("float32", []),
  tensorType("uint8", []),
];

const named = (names: string, rule: Rule): Readonly<Record<string, Rule>> =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule]));

/** Operators that work number by number, or keep their input's shape for another reason. */
export const ELEMENTWISE: Readonly<Record<string, Rule>> = {
  ...named(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish",
    same,
  ),
  ...named("Hardmax Identity InstanceNormalization LRN LeakyRelu Log LogSoftmax LpNormalization Mish", same),
  ...named("MeanVarianceNormalization Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh", same),
  ...named(
    "Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Swish BitwiseNot CumSum Trilu GroupNormalization",
    same,
  ),
  ...named("PRelu RMSNormalization", same),
  ...named("Add Sub Mul Div Pow Mod Sum Max Min Mean BitShift BitwiseAnd BitwiseOr BitwiseXor", broadcast()),
  ...named("And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual", broadcast(0, "bool")),
  Where: broadcast(1),
  ...named(
    "IsNaN IsInf",
    as(() => "bool"),
  ),
  Cast: as(castTarget),
  CastLike: as((call) => typeAt(call, 1)?.dtype ?? null),
  Dropout: dropout,
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
};
