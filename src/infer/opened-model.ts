/// <reference lib="esnext.disposable" preserve="true" />
import { UserError } from "../graph/error.js";
import { Batcher } from "./batcher.js";
import { type Classification, type ClassifierSetup, type ClassifyOptions, requireClassifier } from "./classify.js";
import { inOrder } from "./in-order.js";
import type { Preparer } from "./preparer.js";
import type { Session } from "./session.js";

/** A model that is ready to run on a device, on tensors or on images. `Image`: what pictures may be given as. */
export interface OpenedModel<Image> extends Session {
  readonly setup: ClassifierSetup;
  /** The classes of one image. Throws a UserError that names it where it cannot be read. */
  classify(image: Image, options?: ClassifyOptions): Promise<Classification>;
  /** The classes of each image, in order; one that cannot be read has its `error` and harms no other. */
  classify(images: readonly Image[], options?: ClassifyOptions): Promise<readonly Classification[]>;
  /**
   * The classes of each image, in order, as they come. Images are taken from `images` as results are taken, a few batches ahead, so that there may be any
   * number of them. Images are decoded and prepared while others run; calls made at the same time share batches.
   */
  classify(
    images: Iterable<Image> | AsyncIterable<Image>,
    options?: ClassifyOptions,
  ): AsyncGenerator<Classification, void, undefined>;
  /** Runs one batch of zeros and starts what pictures need, so that the first real one is as fast as the rest. */
  warmup(options?: Pick<ClassifyOptions, "batch">): Promise<void>;
  /** `close`, at the end of a block that begins with `await using model = await open(…)`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What keeps every stage busy: two batches prepared, two with the session, and one whose results are being taken. */
const BATCHES_AHEAD = 5;

/** `session` with `classify`; `isImage` tells one image from a list of them. Closing it closes both. */
export function openedModel<Image>(
  session: Session,
  setup: ClassifierSetup,
  preparer: Preparer<Image>,
  isImage: (given: unknown) => given is Image,
): OpenedModel<Image> {
  const batcher = new Batcher(session, setup, preparer);

  async function* stream(
    images: Iterable<Image> | AsyncIterable<Image>,
    options: ClassifyOptions,
    total: number | null,
  ): AsyncGenerator<Classification, void, undefined> {
    requireClassifier(session, setup);
    const { signal, onProgress } = options;
    const given = new AbortController(); // aborted too when the results are not wanted any more
    const abort = (): void => given.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    const own = { ...options, signal: given.signal };
    const start = (image: Image, i: number) => batcher.classify(image, nameOf(image, i, total), own);
    let [done, failed] = [0, 0];
    try {
      for await (const result of inOrder(images, BATCHES_AHEAD * batcher.sizeFor(options), start, given.signal)) {
        done++;
        if (result.error) failed++;
        onProgress?.({ done, failed, total });
        yield result;
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      given.abort();
    }
  }
  async function all(images: readonly Image[], options: ClassifyOptions): Promise<readonly Classification[]> {
    const results: Classification[] = [];
    for await (const result of stream(images, options, images.length)) results.push(result);
    return results;
  }
  async function one(image: Image, options: ClassifyOptions): Promise<Classification> {
    for await (const result of stream([image], options, 1)) {
      if (result.error) throw result.error;
      return result;
    }
    throw new Error("a stream of one image gave no result");
  }

  function classify(image: Image, options?: ClassifyOptions): Promise<Classification>;
  function classify(images: readonly Image[], options?: ClassifyOptions): Promise<readonly Classification[]>;
  function classify(
    images: Iterable<Image> | AsyncIterable<Image>,
    options?: ClassifyOptions,
  ): AsyncGenerator<Classification, void, undefined>;
  function classify(
    given: Image | readonly Image[] | Iterable<Image> | AsyncIterable<Image>,
    options: ClassifyOptions = {},
  ) {
    if (isImage(given)) return one(given, options);
    if (!isIterable(given)) throw new UserError("classify takes a picture, or several as an array or an iterable");
    return isArray(given) ? all(given, options) : stream(given, options, null);
  }
  const close = async (): Promise<void> => {
    await Promise.all([session.close(), preparer.close()]);
  };

  return {
    ...session,
    setup,
    classify,
    async warmup(options = {}) {
      requireClassifier(session, setup);
      await batcher.warmup(options);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const isIterable = <T>(given: T | Iterable<T> | AsyncIterable<T>): given is Iterable<T> | AsyncIterable<T> =>
  typeof given === "object" && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given);

const isArray = <T>(given: Iterable<T> | AsyncIterable<T>): given is readonly T[] => Array.isArray(given);

/** What errors call an image; `total` is null where it is not known. */
export function nameOf(image: unknown, index: number, total: number | null): string {
  if (typeof image === "string" || image instanceof URL) return `'${image}'`;
  if (image instanceof File) return `'${image.name}'`;
  return total === 1 ? "The image" : `Image ${index} (counted from 0)`;
}
