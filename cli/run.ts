import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { writePending } from "../src/export/node/file.js";
import { UserError } from "../src/graph/error.js";
import type { Classification } from "../src/infer/classify.js";
import { decodeImage } from "../src/infer/node/decode-image.js";
import { type OpenedModel, open } from "../src/infer/node/open.js";
import { decodeNpy, encodeNpy } from "../src/infer/npy.js";
import type { Pixels } from "../src/infer/pixels.js";
import type { HostTensor } from "../src/infer/session.js";
import type { Command, Io } from "./command.js";
import { imageFiles } from "./images.js";
import { readLabels } from "./labels.js";
import { whole } from "./options.js";

interface RunArguments {
  readonly device: string;
  readonly threads?: number;
  readonly topK: number;
  readonly batch?: number;
  readonly labels?: string;
  readonly input: readonly string[];
  readonly outputDir?: string;
  readonly json?: boolean;
}

export const run: Command = {
  define(program, io, exit) {
    program
      .command("run <model> [images...]")
      .description("Classify pictures, or run a model on raw tensors")
      .option("--device <name>", "where to run: cpu", "cpu")
      .option("--threads <n>", "threads of the runtime (default: its own choice)", whole())
      .option("--top-k <n>", "classes to print for each picture", whole(), 5)
      .option("--batch <n>", "pictures at a time (default: 8, or what the model was built for)", whole())
      .option(
        "--labels <file>",
        'class names: a file with one a line or a JSON array, or "imagenet" (default: the model\'s own)',
      )
      .option(
        "--input <name=file.npy>",
        "a raw input tensor instead of pictures; once per input",
        (t, list: readonly string[]) => [...list, t],
        [],
      )
      .option("--output-dir <folder>", "where to write each raw output as <name>.npy")
      .option("--json", "print one JSON object")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx run se_resnet50_r16.onnx cat.jpg\n  $ se-onnx run model.onnx photos/ --labels imagenet --json\n  $ se-onnx run model.onnx --input input=x.npy --output-dir out",
      )
      .action(async (model: string, images: readonly string[], args: RunArguments) => {
        if (images.length && args.input.length) throw new UserError("give pictures or --input, not both");
        if (!images.length && !args.input.length)
          throw new UserError("give pictures to classify, or --input name=file.npy");
        if (args.outputDir && !args.input.length) throw new UserError("--output-dir goes with --input");
        const files = images.length ? await imageFiles(images) : [];
        const labels = args.labels ? await readLabels(args.labels) : null;
        const session = await open(model, { device: args.device, threads: args.threads });
        try {
          if (args.input.length) await runTensors(session, args, io);
          else {
            const failed = await runImages(session, files, labels, args, io);
            if (failed) exit(failed < files.length ? 1 : 2);
          }
        } finally {
          await session.close();
        }
      });
  },
};

interface ImageResult {
  readonly file: string;
  readonly error?: string;
  readonly predictions?: Classification["predictions"];
  readonly ms?: { readonly decode: number; readonly preprocess: number; readonly run: number };
}

/** Number of pictures that failed; the others are not harmed by them. */
async function runImages(
  session: OpenedModel,
  files: readonly string[],
  labels: readonly string[] | null,
  args: RunArguments,
  io: Io,
): Promise<number> {
  const started = performance.now();
  const batch = args.batch ?? 8;
  const results: ImageResult[] = [];
  const bar = io.progress("classifying");
  try {
    for (let at = 0; at < files.length; at += batch) {
      io.signal.throwIfAborted();
      results.push(...(await runBatch(session, files.slice(at, at + batch), labels, args.topK)));
      bar.update(results.length / files.length);
    }
  } finally {
    bar.done();
  }
  const seconds = (performance.now() - started) / 1000;
  const failed = results.filter((r) => r.error).length;
  if (args.json) {
    const images = results.map(({ file, ...rest }) => ({ file, ...rest }));
    io.out(
      JSON.stringify(
        {
          device: session.provider,
          requestedDevice: args.device,
          seconds,
          imagesPerSecond: (files.length - failed) / seconds,
          images,
        },
        null,
        2,
      ),
    );
    return failed;
  }
  for (const result of results) io.out(reportImage(result));
  if (session.setup.origin?.source === "random")
    io.note("the weights of this model are random: its predictions mean nothing, and its classes are given no names");
  else if (!labels && !session.setup.labels)
    io.note("the model has no class names: give --labels FILE, or --labels imagenet for a network trained on ImageNet");
  io.note(`${results.length - failed} of ${results.length} pictures in ${seconds.toFixed(2)} s on ${session.provider}`);
  return failed;
}

async function runBatch(
  session: OpenedModel,
  files: readonly string[],
  labels: readonly string[] | null,
  topK: number,
): Promise<readonly ImageResult[]> {
  const decoded = await Promise.all(files.map(decodeTimed));
  const good = decoded.filter((d) => "pixels" in d);
  const classified = good.length
    ? await session.classify(
        good.map((d) => d.pixels),
        { topK, ...(labels ? { labels } : {}) },
      )
    : [];
  const byFile = new Map(good.map((d, i) => [d.file, classified[i]]));
  return decoded.map((d) => {
    const c = byFile.get(d.file);
    return "error" in d || !c
      ? { file: d.file, error: "error" in d ? d.error : "not classified" }
      : { file: d.file, predictions: c.predictions, ms: { decode: d.ms, ...c.ms } };
  });
}

type Decoded = { readonly file: string } & (
  | { readonly pixels: Pixels; readonly ms: number }
  | { readonly error: string }
);
async function decodeTimed(file: string): Promise<Decoded> {
  const started = performance.now();
  try {
    return { file, pixels: await decodeImage(file), ms: performance.now() - started };
  } catch (e) {
    if (e instanceof UserError) return { file, error: e.message };
    throw e;
  }
}

export function reportImage({ file, error, predictions = [], ms }: ImageResult): string {
  if (error) return `${basename(file)}: ${error}`;
  const time = ms
    ? ` (decode ${ms.decode.toFixed(1)} ms, prepare ${ms.preprocess.toFixed(1)} ms, run ${ms.run.toFixed(1)} ms)`
    : "";
  return [
    `${file}${time}`,
    ...predictions.map((p) => `  ${(100 * p.score).toFixed(2).padStart(6)}%  ${p.label ?? `class ${p.index}`}`),
  ].join("\n");
}

async function runTensors(session: OpenedModel, args: RunArguments, io: Io): Promise<void> {
  const feeds: Record<string, HostTensor> = {};
  for (const pair of args.input) {
    const [name = "", ...rest] = pair.split("=");
    const file = rest.join("=");
    if (!name || !file) throw new UserError(`--input '${pair}' is not of the form name=file.npy`);
    if (!session.inputs.some((p) => p.name === name))
      throw new UserError(
        `the model has no input '${name}': its inputs are ${session.inputs.map((p) => p.name).join(", ")}`,
      );
    const content = await readFile(file).catch((e: Error) => {
      throw new UserError(`'${file}' cannot be read: ${e.message}`);
    });
    feeds[name] = decodeNpy(content, `'${file}'`);
  }
  const missing = session.inputs.find((p) => !(p.name in feeds));
  if (missing) throw new UserError(`the model also needs --input ${missing.name}=file.npy`);
  const started = performance.now();
  const results = await session.run(feeds);
  const seconds = (performance.now() - started) / 1000;
  const outputs: Record<string, { dtype: string; shape: readonly number[]; file: string | null }> = {};
  if (args.outputDir) await mkdir(args.outputDir, { recursive: true });
  for (const [name, t] of Object.entries(results)) {
    const file = args.outputDir ? join(args.outputDir, `${name.replace(/[/\\:]/g, "_")}.npy`) : null;
    if (file) await (await writePending(file, once(encodeNpy(t)))).place(file);
    outputs[name] = { dtype: t.dtype, shape: t.shape, file };
  }
  if (args.json)
    io.out(JSON.stringify({ device: session.provider, requestedDevice: args.device, seconds, outputs }, null, 2));
  else
    for (const [name, o] of Object.entries(outputs))
      io.out(`${name}: ${o.dtype}[${o.shape.join(",")}]${o.file ? ` in ${o.file}` : ""}`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
