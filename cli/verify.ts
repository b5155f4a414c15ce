import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { readModel } from "../src/export/node/read-model.js";
import { UserError } from "../src/graph/error.js";
import { isRanked } from "../src/graph/type.js";
import { requireImageInput } from "../src/infer/classify.js";
import { type Comparison, compareOutputs } from "../src/infer/compare.js";
import { imageArray, imageTensor, prepareInto } from "../src/infer/image-input.js";
import { type Lengths, randomTensor, rankedOf, shapeFor } from "../src/infer/make-feeds.js";
import { decodeImage } from "../src/infer/node/decode-image.js";
import { cpu } from "../src/infer/node/providers/cpu.js";
import { decodeNpy } from "../src/infer/npy.js";
import type { Feeds, HostTensor, Port } from "../src/infer/session.js";
import { setupOf } from "../src/infer/setup.js";

const execute = promisify(execFile);

/** What verification found, and what it cost. */
export interface Verified {
  readonly maxAbs: number;
  readonly maxRel: number;
  /** Batches that were run: several where the model leaves that open. */
  readonly batches: readonly number[];
  /** Pictures that were run. */
  readonly images: number;
  readonly seconds: number;
  readonly peakBytes: number;
}
/** H and W where the model leaves them open. */
export interface VerifyOptions {
  readonly inputs: readonly string[];
  readonly size: number;
  /** Pictures to run too, as the model wants its images. */
  readonly images: readonly string[];
}

/** Batches for a model that leaves them open: one is often special. */
const BATCHES = [1, 3];

/** Runs both models in a process of their own, so that its memory is given back: this command line, told to verify. */
export async function verifyApart(
  a: string,
  b: string,
  { inputs, size, images }: VerifyOptions,
  signal: AbortSignal,
): Promise<Verified> {
  const [script = ""] = process.argv.slice(1);
  const args = [
    "optimize",
    a,
    b,
    "--verify-only",
    "--json",
    "--fill-size",
    `${size}`,
    ...inputs.flatMap((i) => ["--input", i]),
    ...images.flatMap((i) => ["--image", i]),
  ];
  try {
    const { stdout } = await execute(process.execPath, [script, ...args], { signal });
    return reported(stdout);
  } catch (e) {
    const { code, stdout = "", stderr = "" } = e as { code?: unknown; stdout?: string; stderr?: string }; // as execFile has it
    if (code === 1 && stdout) return reported(stdout);
    if (code === 2)
      throw new UserError(
        `it cannot be verified: ${stderr.trim().replace(/^error: /, "")} (--no-verify writes it all the same)`,
      );
    throw e;
  }
}

/** What this command printed; JSON has no infinity, and writes null. */
function reported(stdout: string): Verified {
  const { verified } = JSON.parse(stdout) as { readonly verified: Verified }; // its own words
  const { maxAbs, maxRel } = verified as { readonly maxAbs: number | null; readonly maxRel: number | null }; // see above
  return { ...verified, maxAbs: maxAbs ?? Number.POSITIVE_INFINITY, maxRel: maxRel ?? Number.POSITIVE_INFINITY };
}

/** Runs two models on the same numbers: random ones, or the files given, and on pictures. */
export async function verify(a: string, b: string, options: VerifyOptions): Promise<Verified> {
  const started = performance.now();
  const given = await readInputs(options.inputs);
  const first = await cpu.create(a, {});
  const second = await cpu.create(b, {}).catch(async (e: unknown) => {
    await first.close();
    throw e;
  });
  try {
    const { inputs } = second; // may hold to lengths that the first leaves open
    const [tensor] = given.values();
    const own = tensor ? (tensor.shape[0] ?? 1) : lengthOf(inputs[0]);
    const batches = own === null ? BATCHES : [own];
    const found: Comparison[] = [];
    for (const batch of batches) {
      const feeds = feedsFor(inputs, given, batch, options.size);
      found.push(compareOutputs(await first.run(feeds), await second.run(feeds)));
    }
    for await (const feeds of pictures(a, inputs, own ?? 1, options.images))
      found.push(compareOutputs(await first.run(feeds), await second.run(feeds)));
    return {
      maxAbs: Math.max(...found.map((c) => c.maxAbs)),
      maxRel: Math.max(...found.map((c) => c.maxRel)),
      batches,
      images: options.images.length,
      seconds: (performance.now() - started) / 1000,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
}

/** The first length of an input: null where it is open, 1 where there is none. */
function lengthOf(port: Port | undefined): number | null {
  const type = port?.type ?? null;
  const [n = 1] = isRanked(type) ? type.shape : [];
  return typeof n === "number" ? n : null;
}

/** A tensor for every input: the one given, or random numbers. */
export function feedsFor(
  inputs: readonly Port[],
  given: ReadonlyMap<string, HostTensor>,
  batch: number,
  size: number,
): Feeds {
  const unknown = [...given.keys()].find((name) => !inputs.some((p) => p.name === name));
  if (unknown !== undefined)
    throw new UserError(`the model has no input '${unknown}': its inputs are ${inputs.map((p) => p.name).join(", ")}`);
  const byName = new Map<string, number>();
  for (const { name, type } of inputs) {
    const shape = isRanked(type) ? type.shape : [];
    for (const [i, d] of shape.entries())
      if (typeof d === "string" && !byName.has(d)) byName.set(d, given.get(name)?.shape[i] ?? (i === 0 ? batch : size));
  }
  const lengths: Lengths = { byName, otherwise: size };
  return Object.fromEntries(
    inputs.map(({ name, type }, i) => {
      const tensor = given.get(name);
      if (tensor) return [name, tensor];
      const { dtype, shape } = rankedOf(name, type);
      const [first] = shape;
      const whole = shapeFor(name, type, lengths);
      return [name, randomTensor(dtype, first === null ? whole.with(0, batch) : whole, i)];
    }),
  );
}

/** Each picture, `batch` times, as the model at `path` wants its images. */
async function* pictures(
  path: string,
  inputs: readonly Port[],
  batch: number,
  files: readonly string[],
): AsyncGenerator<Feeds> {
  if (!files.length) return;
  const { graph, close } = await readModel(path);
  await close();
  const setup = setupOf(graph);
  requireImageInput({ inputs }, setup);
  const [{ name } = { name: "" }] = inputs;
  for (const file of files) {
    const one = imageArray(setup, 1);
    prepareInto(one, await decodeImage(file), setup);
    const data = imageArray(setup, batch);
    for (let i = 0; i < batch; i++) data.set(one, i * one.length);
    yield { [name]: imageTensor(data, setup) };
  }
}

/** "name=x.npy" -> the tensor. */
async function readInputs(pairs: readonly string[]): Promise<ReadonlyMap<string, HostTensor>> {
  const out = new Map<string, HostTensor>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const [name, file] = [pair.slice(0, at), pair.slice(at + 1)];
    if (at < 1 || !file) throw new UserError(`--input '${pair}' is not of the form name=file.npy`);
    const content = await readFile(file).catch((e: Error) => {
      throw new UserError(`'${file}' cannot be read: ${e.message}`);
    });
    out.set(name, decodeNpy(content, `'${file}'`));
  }
  return out;
}
