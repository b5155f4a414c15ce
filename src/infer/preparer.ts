import { UserError } from "../graph/error.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import type { Pixels } from "./pixels.js";
import { prepare } from "./preprocess.js";

/** A picture as a model reads it. */
export interface Prepared {
  /** [channels, height, width]; not to be read after `release`, which gives the memory to the next picture. */
  readonly data: Float32Array;
  readonly ms: { readonly decode: number; readonly preprocess: number };
  release(): void;
}
/** Makes input tensors of pictures. */
export interface Preparer<Image> {
  /** `name` is what errors call the picture. Rejects with a UserError where it cannot be read. */
  prepare(image: Image, name: string): Promise<Prepared>;
  /** Told when the model waits for pictures: prepare more of them at a time, where that can be done. */
  hurry(): void;
  /** Everything that the first picture would have to wait for. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Decodes a picture and prepares it, into `tensor` where one is given, and says how long each took. Errors name the picture. */
export async function timedPrepare(
  decode: () => Pixels | Promise<Pixels>,
  name: string,
  preprocessing: Preprocessing,
  tensor?: Float32Array,
): Promise<Omit<Prepared, "release">> {
  try {
    const started = performance.now();
    const pixels = await decode();
    const decoded = performance.now();
    const data = prepare(pixels, preprocessing, tensor);
    return { data, ms: { decode: decoded - started, preprocess: performance.now() - decoded } };
  } catch (e) {
    if (e instanceof UserError && !e.message.includes(name)) throw new UserError(`${name}: ${e.message}`);
    throw e;
  }
}

/** A preparer that works in the thread of its caller. */
export function preparerHere<Image>(
  preprocessing: Preprocessing,
  pixelsOf: (image: Image) => Pixels | Promise<Pixels>,
): Preparer<Image> {
  return {
    async prepare(image, name) {
      return { ...(await timedPrepare(() => pixelsOf(image), name, preprocessing)), release() {} };
    },
    hurry() {},
    async ready() {},
    async close() {},
  };
}
