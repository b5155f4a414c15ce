import { UserError } from "../src/graph/error.js";
import { randomTensor, rankedOf } from "../src/infer/make-feeds.js";
import { joined } from "../src/infer/node/batches.js";
import { type OpenedModel, open } from "../src/infer/node/open.js";
import type { Feeds, HostTensor } from "../src/infer/session.js";

/** One model in one setting. */
export interface Case {
  readonly file: string;
  readonly device: string;
  readonly batch: number;
  readonly threads: number | null;
}
/** Milliseconds of pictures, each, and how many went through in a second. */
export interface PictureTimes {
  readonly decode: readonly number[];
  readonly prepare: readonly number[];
  readonly run: readonly number[];
  readonly imagesPerSecond: number;
}
/** What was measured while the model was the one that was open. */
export interface Block {
  /** Milliseconds of each run, as its caller waits for it. */
  readonly ms: readonly number[];
  readonly pictures: PictureTimes | null;
}

/** Runs that nobody counts: buffers are made, kernels chosen, clocks raised. */
const WARMING = 3;

/**
 * Opens the model, warms it up, times `runs` runs and, where there are pictures, as many batches of them, and closes it: one session is alive at a
 * time. `share` is told how much of it is done, from 0 to 1.
 */
export async function measureBlock(
  { file, device, batch, threads }: Case,
  runs: number,
  pictures: readonly string[],
  signal: AbortSignal,
  share: (done: number) => void,
): Promise<Block> {
  const model = await open(file, { device, optimize: false, ...(threads ? { threads } : {}) });
  try {
    const feeds = feedsFor(model, file, batch);
    const ms: number[] = [];
    const all = (pictures.length ? 2 : 1) * (WARMING + runs);
    for (let i = 0; i < WARMING + runs; i++) {
      signal.throwIfAborted();
      share(i / all);
      const started = performance.now();
      await model.run(feeds);
      if (i >= WARMING) ms.push(performance.now() - started);
    }
    const times = pictures.length ? await timePictures(model, pictures, batch, runs * batch, signal) : null;
    share(1);
    return { ms, pictures: times };
  } finally {
    await model.close();
  }
}

/** Random numbers for every input, `batch` of them where the model leaves that open. */
function feedsFor({ inputs, setup }: OpenedModel, file: string, batch: number): Feeds {
  return Object.fromEntries(
    inputs.map(({ name, type }, seed) => {
      const ranked = rankedOf(name, type);
      const [first] = ranked.shape;
      if (typeof first === "number" && first !== batch && inputs.length === 1)
        throw new UserError(`'${file}' is built for a batch of ${first}: give --batch ${first}`);
      const shape = ranked.shape.map((d, i) =>
        typeof d === "number" ? d : i === 0 ? batch : (setup.preprocessing.input_size[i - 1] ?? 1),
      );
      return [name, repeated(ranked.dtype, shape, seed)];
    }),
  );
}

/** One image's numbers for each: to make up as many of their own takes minutes where the batch is large. */
function repeated(dtype: HostTensor["dtype"], shape: readonly number[], seed: number): HostTensor {
  const [images, ...rest] = shape;
  if (!images) return randomTensor(dtype, shape, seed);
  const one = { x: randomTensor(dtype, [1, ...rest], seed) };
  const all = joined(Array.from({ length: images }, () => one));
  return all?.x ?? randomTensor(dtype, shape, seed);
}

async function timePictures(
  model: OpenedModel,
  files: readonly string[],
  batch: number,
  images: number,
  signal: AbortSignal,
): Promise<PictureTimes> {
  const some = function* (n: number) {
    for (let i = 0; i < n; i++) yield files[i % files.length] ?? "";
  };
  for await (const { error } of model.classify(some(WARMING * batch), { batch, signal })) if (error) throw error;
  const [decode, prepare, run]: [number[], number[], number[]] = [[], [], []];
  const started = performance.now();
  for await (const { ms, error } of model.classify(some(images), { batch, signal, topK: 1 })) {
    if (error) throw error;
    decode.push(ms.decode);
    prepare.push(ms.preprocess);
    run.push(ms.run);
  }
  return { decode, prepare, run, imagesPerSecond: (1000 * images) / (performance.now() - started) };
}
