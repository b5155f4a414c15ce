import { encodeToBytes } from "../../export/encode.js";
import { readModel } from "../../export/node/read-model.js";
import { fromHalf } from "../../graph/cast.js";
import { UserError } from "../../graph/error.js";
import { findSqueezeExcite, type SqueezeExcite } from "../../graph/squeeze-excite.js";
import { requireImageInput } from "../classify.js";
import { imageArray, imageTensor, prepareInto } from "../image-input.js";
import type { HostTensor } from "../session.js";
import { decodeImage } from "./decode-image.js";
import { type OpenOptions, open } from "./open.js";

/** The gate values of one SE block over its channels, for one image or the mean of several. */
export interface GateStatistics {
  readonly name: string;
  readonly channels: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/** What every SE block's gate lets through for the given images (Hu et al. 2018, Fig. 6), in execution order. */
export async function gates(
  model: string,
  images: readonly string[],
  options: OpenOptions = {},
): Promise<readonly GateStatistics[]> {
  const { blocks, bytes } = await withGatesExposed(model);
  const session = await open(bytes, options);
  try {
    requireImageInput(session, session.setup);
    const sums = blocks.map((b) => new Float64Array(b.channels));
    for (const image of images) {
      const data = imageArray(session.setup, 1);
      prepareInto(data, await decodeImage(image), session.setup);
      const outputs = await session.run({ [session.inputs[0]?.name ?? ""]: imageTensor(data, session.setup) });
      for (const [i, block] of blocks.entries()) {
        const gate = outputs[block.gate.name];
        if (gate) for (const [c, g] of floatsOf(gate).entries()) (sums[i] as Float64Array)[c]! += g / images.length; // one sum per block
      }
    }
    return blocks.map((b, i) => statistics(b, sums[i] ?? new Float64Array()));
  } finally {
    await session.close();
  }
}

/** The model with every gate as an output too. */
async function withGatesExposed(
  path: string,
): Promise<{ readonly blocks: readonly SqueezeExcite[]; readonly bytes: Uint8Array }> {
  const { graph, close } = await readModel(path);
  try {
    const blocks = findSqueezeExcite(graph);
    if (!blocks.length) throw new UserError(`'${path}' has no Squeeze-and-Excitation block`);
    for (const { gate } of blocks) if (!graph.outputs.includes(gate)) graph.output(gate);
    return { blocks, bytes: await encodeToBytes(graph) };
  } finally {
    await close();
  }
}

function statistics({ name, channels }: SqueezeExcite, values: Float64Array): GateStatistics {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return {
    name,
    channels,
    mean,
    std: Math.sqrt(variance),
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

/** A gate's numbers; a float16 network's come as bits. */
function floatsOf({ dtype, data }: HostTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (dtype === "float16" && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  throw new UserError(`the gates are ${dtype}, but only float32 and float16 are read`);
}
