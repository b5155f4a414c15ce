import { UserError } from "../graph/error.js";
import type { Graph, Value } from "../graph/graph.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import { isRanked, type Shape } from "../graph/type.js";
import { readMetadata } from "./metadata.js";

/** What makes a folder of a classifier that transformers.js loads (https://huggingface.co/docs/transformers.js). */
export interface TransformersFolder {
  /** Where it looks for the .onnx file; float16 stands beside float32 and is asked for by `dtype: "fp16"`. */
  readonly model: "onnx/model.onnx" | "onnx/model_fp16.onnx";
  /** Contents of the other files by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Pillow's numbers for its filters. */
const RESAMPLE = { bilinear: 2, bicubic: 3 } as const;

/**
 * The folder for `graph`, a classifier of our own: "pixel_values" float32[N,3,H,W] -> "logits" float32[N,classes].
 * Throws a UserError that says what to change where its pipeline could not run it or would prepare pictures in another way.
 */
export function transformersFolder(graph: Graph): TransformersFolder {
  const { preprocessing, labels = null } = readMetadata(graph);
  const classes = classesOf(graph);
  if (!preprocessing)
    throw new UserError(`'${graph.name}' does not say how it wants its pictures: build it with se-onnx`);
  const names = labels ?? Array.from({ length: classes }, (_, i) => `LABEL_${i}`);
  const config = {
    architectures: ["ResNetForImageClassification"],
    model_type: "resnet", // it knows no type for foreign networks; this one says that pixels go in and logits come out
    num_labels: classes,
    id2label: Object.fromEntries(names.entries()),
    label2id: Object.fromEntries(names.map((name, i) => [name, i])),
  };
  const half = graph.constants.some((c) => c.constant?.dtype === "float16");
  return {
    model: half ? "onnx/model_fp16.onnx" : "onnx/model.onnx",
    files: { "config.json": json(config), "preprocessor_config.json": json(imageProcessor(preprocessing)) },
  };
}

/** Shorter side to floor(size / crop_pct), centre crop, [0, 255] to [0, 1], mean and std. */
function imageProcessor({ input_size: [, height, width], crop_pct, interpolation, mean, std }: Preprocessing): object {
  const shortest_edge = Math.floor(height / crop_pct);
  if (Math.floor(width / crop_pct) !== shortest_edge)
    throw new UserError(`transformers.js crops squares, but the network takes ${height}x${width}: make both sides one`);
  return {
    image_processor_type: "BitImageProcessor", // does what the fields say and nothing of its own
    do_convert_rgb: true,
    do_resize: true,
    size: { shortest_edge },
    resample: RESAMPLE[interpolation],
    do_center_crop: true,
    crop_size: { height, width },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
}

/** The number of classes of a graph that fits transformers.js' image classification. */
function classesOf(graph: Graph): number {
  const [input, output] = [graph.inputs[0], graph.outputs.find((v) => v.name === "logits")];
  if (graph.inputs.length !== 1 || input?.name !== "pixel_values")
    throw new UserError(`transformers.js feeds 'pixel_values', not '${input?.name}': build with --io-names hf`);
  if (input.type?.kind === "tensor" && input.type.dtype !== "float32")
    throw new UserError(`transformers.js feeds float32, not ${input.type.dtype}: build with --input-type float32`);
  const [batch, channels] = shapeOf(input);
  if (channels !== 3)
    throw new UserError(`transformers.js feeds pictures of 3 channels, not ${channels}: build with --in-chans 3`);
  if (typeof batch === "number" && batch !== 1)
    throw new UserError(`transformers.js feeds any number of pictures, not ${batch}: build with --batch dynamic`);
  if (graph.outputs.some((v) => v.producer?.op === "Softmax"))
    throw new UserError("transformers.js applies softmax itself: leave it out of the model");
  const [, classes] = shapeOf(output);
  if (typeof classes !== "number")
    throw new UserError(
      "transformers.js reads an output 'logits' [N,classes]: build a classifier, without --features and --classes 0",
    );
  return classes;
}
const shapeOf = (v: Value | undefined): Shape => (v && isRanked(v.type) ? v.type.shape : []);
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
