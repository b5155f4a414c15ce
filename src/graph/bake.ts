import { dataType } from "./dtype.js";
import { interpose } from "./edit.js";
import { type Graph, GraphError, type Value, type ValueRecord } from "./graph.js";
import { add } from "./ops/add.js";
import { cast } from "./ops/cast.js";
import { mul } from "./ops/mul.js";
import { softmax } from "./ops/softmax.js";
import { transpose } from "./ops/transpose.js";
import type { Preprocessing } from "./preprocessing.js";
import { float32s } from "./tensor.js";
import { isRanked, show, tensorType } from "./type.js";

/** What a graph's image input takes: numbers [N,C,H,W], or the bytes of pixels [N,H,W,C] as decoders give them. */
export type PixelType = "float32" | "uint8";

/**
 * Has the graph itself compute (x - mean) / std of its image, as k x + b for each channel. The input then takes values from 0 to 1, or, where it is to
 * be uint8, bytes from 0 to 255 [N,H,W,C].
 */
export function normalizeInput(
  graph: Graph,
  { mean, std }: Pick<Preprocessing, "mean" | "std">,
  type: PixelType,
): void {
  const [image] = graph.inputs;
  if (!image || !isRanked(image.type) || image.type.shape.length !== 4)
    throw new GraphError(`the input ${image?.name}: ${show(image?.type ?? null)} is no batch of images [N,C,H,W]`);
  const [n = null, c = null, h = null, w = null] = image.type.shape;
  const white = type === "uint8" ? 255 : 1;
  const perChannel = (name: string, values: readonly number[]): Value =>
    graph.constant(`${image.name}.${name}`, float32s(values, [values.length, 1, 1]));
  if (type === "uint8") (image as ValueRecord).type = tensorType("uint8", [n, h, w, c]); // every Value is made by its graph
  interpose(image, (x) => {
    const numbers = type === "uint8" ? planes(x) : x;
    const k = perChannel(
      "scale",
      std.map((s) => 1 / (white * s)),
    );
    const b = perChannel(
      "shift",
      std.map((s, i) => -(mean[i] ?? 0) / s),
    );
    const scaled = mul(numbers, k, { name: `${image.name}.scaled` });
    return add(scaled, b, { name: `${image.name}.normalized` });
  });
}

/** uint8 [N,H,W,C] -> float32 [N,C,H,W] */
function planes(x: Value): Value {
  const moved = transpose(x, { name: `${x.name}.planes`, perm: [0, 3, 1, 2] });
  return cast(moved, { name: `${x.name}.float32`, to: dataType("float32") });
}

/** Has the graph end in a softmax: the output "probabilities" in place of "logits". */
export function softmaxOutput(graph: Graph): void {
  const logits = graph.outputs.find((v) => v.name === "logits");
  if (!logits)
    throw new GraphError(
      `a softmax needs the output logits, but ${graph.name} has ${graph.outputs.map((v) => v.name).join(", ")}: leave --softmax out`,
    );
  interpose(logits, (x) => softmax(x, { name: "probabilities" }));
}
