import { encodeToBytes } from "../export/encode.js";
import { UserError } from "../graph/error.js";
import type { Graph } from "../graph/graph.js";
import { isRanked, show } from "../graph/type.js";
import { batchOf, type ClassifierSetup, requireImageInput } from "./classify.js";
import { candidates, createOn, type Device, type Providers } from "./device.js";
import { type ImageArray, type ImageInput, imageArray, imageTensor } from "./image-input.js";
import type { Pixels } from "./pixels.js";
import type { Preparer } from "./preparer.js";
import type { SessionOptions } from "./provider.js";
import type { Feeds, HostTensor, Session } from "./session.js";
import { setupOf } from "./setup.js";

/** What looking into a model takes of where that is done: Node or a page. */
export interface Platform<Model, Image, Options> {
  readonly providers: Providers;
  /** The device unless one is given. */
  readonly device: string;
  /** A graph that may be changed; its tensors are there until `close`. */
  load(model: Model, options: Options): Promise<{ readonly graph: Graph; close(): Promise<void> }>;
  preparer(input: ImageInput): Preparer<Image>;
  /** `name` is what errors call the picture. */
  pixelsOf(image: Image, name: string): Pixels | Promise<Pixels>;
}
export interface ObserveOptions extends SessionOptions {
  /** As for `open`. */
  readonly device?: Device;
  /** Height and width to resize images to, for a model that leaves them open; its own, or else 224 x 224, unless given. */
  readonly inputSize?: readonly [height: number, width: number] | undefined;
  readonly signal?: AbortSignal | undefined;
}
/** A model that is run with more outputs than its file has. Close it. */
export interface Observed<T> {
  /** What `observe` gave. */
  readonly found: T;
  readonly session: Session;
  readonly setup: ClassifierSetup;
  /** The feeds of one prepared image; in a model of a larger batch the others are zeros. */
  feeds(prepared: ImageArray): Feeds;
  close(): Promise<void>;
}

/** Opens a copy, in memory, of a model; `observe` makes further values outputs of it. */
export async function openObserved<Model, Options extends ObserveOptions, T>(
  platform: Platform<Model, never, Options>,
  model: Model,
  observe: (graph: Graph) => T,
  options: Options,
): Promise<Observed<T>> {
  const { device = platform.device, inputSize, threads, strict } = options;
  const devices = candidates(device, platform.providers);
  const { graph, close } = await platform.load(model, options);
  try {
    const setup = sized(setupOf(graph), inputSize);
    requireSize(graph, setup);
    const found = named(model, () => observe(graph));
    const session = await createOn(await encodeToBytes(graph), devices, { threads, strict });
    requireImageInput(session, setup);
    return {
      found,
      session,
      setup,
      feeds: (prepared) => ({ [session.inputs[0]?.name ?? ""]: imageFeed(prepared, setup, batchOf(session) ?? 1) }),
      close: async () => {
        await Promise.all([session.close(), close()]);
      },
    };
  } catch (e) {
    await close();
    throw e;
  }
}

function sized(setup: ClassifierSetup, size: ObserveOptions["inputSize"]): ClassifierSetup {
  const { preprocessing } = setup;
  const [channels] = preprocessing.input_size;
  return size ? { ...setup, preprocessing: { ...preprocessing, input_size: [channels, ...size] } } : setup;
}

/** Throws where the model fixes one side of its images, so that the usual size does not fit and only its user knows the other. */
function requireSize({ inputs }: Graph, { preprocessing, pixelType }: ClassifierSetup): void {
  const [input] = inputs;
  const type = input?.type ?? null;
  const [, ...dims] = isRanked(type) ? type.shape : [];
  const sides = dims.toSpliced(pixelType === "uint8" ? -1 : 0, 1); // without the channels
  const [, ...size] = preprocessing.input_size;
  if (sides.length !== 2 || size.every((side, i) => typeof sides[i] !== "number" || sides[i] === side)) return;
  const [height = 48, width = 4 * Number(height)] = sides.map((side) => (typeof side === "number" ? side : undefined));
  throw new UserError(
    `the model takes ${input?.name}: ${show(type)}, which images of ${size.join("x")} (height x width) do not fit: give the input size, --input-size ${height}x${width} say`,
  );
}

function imageFeed(prepared: ImageArray, setup: ClassifierSetup, images: number): HostTensor {
  const data = imageArray(setup, images);
  data.set(prepared);
  return imageTensor(data, setup);
}

/** Errors about a file name it. */
function named<T>(model: unknown, work: () => T): T {
  try {
    return work();
  } catch (e) {
    if (e instanceof UserError && (typeof model === "string" || model instanceof URL))
      throw new UserError(`'${model}': ${e.message}`);
    throw e;
  }
}
