import { UserError } from "../graph/error.js";
import { type ImageArray, type ImageInput, imageArray, prepareInto } from "./image-input.js";
import type { Pixels } from "./pixels.js";

/** A picture as a model reads it. */
export interface Prepared {
  /** One image as the model takes it; not to be read after `release`, which gives the memory to the next picture. */
  readonly data: ImageArray;
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

/** Decodes a picture and prepares it, into `data`, and says how long each took. Errors name the picture. */
export async function timedPrepare(
  decode: () => Pixels | Promise<Pixels>,
  name: string,
  input: ImageInput,
  data: ImageArray,
): Promise<Prepared["ms"]> {
  try {
    const started = performance.now();
    const pixels = await decode();
    const decoded = performance.now();
    prepareInto(data, pixels, input);
    return { decode: decoded - started, preprocess: performance.now() - decoded };
  } catch (e) {
    if (e instanceof UserError && !e.message.includes(name)) throw new UserError(`${name}: ${e.message}`);
    throw e;
  }
}

/** A preparer that works in the thread of its caller. */
export function preparerHere<Image>(
  input: ImageInput,
  pixelsOf: (image: Image) => Pixels | Promise<Pixels>,
): Preparer<Image> {
  return {
    async prepare(image, name) {
      const data = imageArray(input, 1);
      return { data, ms: await timedPrepare(() => pixelsOf(image), name, input, data), release() {} };
    },
    hurry() {},
    async ready() {},
    async close() {},
  };
}
