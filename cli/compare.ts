import { UserError } from "../src/graph/error.js";
import { isRanked, show } from "../src/graph/type.js";
import { batchOf, requireImageInput } from "../src/infer/classify.js";
import { compareOutputs } from "../src/infer/compare.js";
import { imageArray, imageTensor, prepareInto } from "../src/infer/image-input.js";
import { randomTensor } from "../src/infer/make-feeds.js";
import { decodeImage } from "../src/infer/node/decode-image.js";
import { type OpenedModel, open } from "../src/infer/node/open.js";
import type { Feeds, HostTensor } from "../src/infer/session.js";
import type { Command } from "./command.js";
import { positive, whole } from "./options.js";

interface CompareArguments {
  readonly image?: string;
  readonly batch: number;
  readonly seed: number;
  readonly tolerance: number;
  readonly json?: boolean;
}

export const compare: Command = {
  define(program, io, exit) {
    program
      .command("compare <a> <b>")
      .description(
        "Run two models on the same input and hold their outputs side by side; exit code 1 where they differ",
      )
      .option("--image <file>", "a picture as input (default: seeded random numbers)")
      .option("--batch <n>", "images at a time, where the models leave it free", whole(), 2)
      .option("--seed <n>", "seed of the random input", whole(0), 0)
      .option("--tolerance <x>", "largest relative difference that passes", positive, 1e-4)
      .option("--json", "print one JSON object")
      .addHelpText("after", "\nExample:\n  $ se-onnx compare se_resnet50_r16.onnx optimized.onnx")
      .action(async (a: string, b: string, args: CompareArguments) => {
        const [first, second] = [await open(a, { optimize: false }), await open(b, { optimize: false })]; // what the files say
        try {
          const feeds = await makeFeeds(first, args);
          const same = args.image ? await makeFeeds(second, args) : renamed(feeds, first, second);
          const result = compareOutputs(await first.run(feeds), await second.run(same));
          const passed = result.maxRel <= args.tolerance;
          if (args.json) io.out(JSON.stringify({ ...result, tolerance: args.tolerance, passed }, null, 2));
          else {
            const mark = passed ? "✓" : "x";
            io.out(
              `-[${mark}] largest difference ${result.maxAbs.toExponential(2)}, relative ${result.maxRel.toExponential(2)} (tolerance ${args.tolerance}), same top 1 in ${(100 * result.top1Agreement).toFixed(0)}%`,
            );
          }
          if (!passed) exit(1);
        } finally {
          await Promise.all([first.close(), second.close()]);
        }
      });
  },
};

/** The same tensors under the other model's names, by place. */
function renamed(feeds: Feeds, from: OpenedModel, to: OpenedModel): Feeds {
  if (from.inputs.length !== to.inputs.length)
    throw new UserError(`one model has ${from.inputs.length} inputs, the other ${to.inputs.length}`);
  return Object.fromEntries(to.inputs.map((p, i) => [p.name, feeds[from.inputs[i]?.name ?? ""] as HostTensor])); // one feed per input
}

async function makeFeeds(model: OpenedModel, { image, batch, seed }: CompareArguments): Promise<Feeds> {
  if (image) return imageFeeds(model, image, batch);
  const feeds: Record<string, HostTensor> = {};
  for (const { name, type } of model.inputs) {
    if (!isRanked(type) || type.dtype !== "float32")
      throw new UserError(`the input '${name}' is ${show(type)}; only float32 tensors can be made up: give --image`);
    const shape = type.shape.map((d, i) =>
      typeof d === "number" ? d : i === 0 ? batch : (model.setup.preprocessing.input_size[i - 1] ?? 1),
    );
    feeds[name] = randomTensor("float32", shape, seed);
  }
  return feeds;
}

/** The picture as often as the model takes one at a time, else `batch` times. */
async function imageFeeds(model: OpenedModel, image: string, batch: number): Promise<Feeds> {
  const { setup, inputs } = model;
  requireImageInput(model, setup);
  const one = imageArray(setup, 1);
  prepareInto(one, await decodeImage(image), setup);
  const all = imageArray(setup, batchOf(model) ?? batch);
  for (let at = 0; at < all.length; at += one.length) all.set(one, at);
  return { [inputs[0]?.name ?? ""]: imageTensor(all, setup) };
}
