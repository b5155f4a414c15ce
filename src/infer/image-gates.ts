import { UserError } from "../graph/error.js";
import { type GateStatistics, gateTally, observeGates } from "./gates.js";
import { inOrder } from "./in-order.js";
import { type ObserveOptions, openObserved, type Platform } from "./observe.js";
import { nameOf } from "./opened-model.js";
import type { Feeds } from "./session.js";

/** A picture and the class that it belongs to, or null where it belongs to none. */
export interface ClassedImage<Image> {
  readonly image: Image;
  readonly className: string | null;
}
export interface GatesOptions extends ObserveOptions {
  /** Called after each image with how many are over, and how many of them could not be read. */
  readonly onProgress?: (progress: { readonly done: number; readonly failed: number }) => void;
}
/** What the gates of a model let through for some images. */
export interface GateReport {
  /** Name of the execution provider that ran the model. */
  readonly device: string;
  /** Images that were read. */
  readonly images: number;
  /** Images that could not be read, and why, of the first of them. */
  readonly failed: number;
  readonly failures: readonly string[];
  /** In execution order. */
  readonly blocks: readonly GateStatistics[];
}

/** Images that are prepared, or run, or wait to be counted: enough that the session does not wait. */
const AHEAD = 6;
/** The most failures whose reasons are kept. */
const KEPT = 20;

/**
 * What every gate of the model lets through, on the mean over the images and over those of each class (Hu et al. 2018, https://arxiv.org/abs/1709.01507,
 * Fig. 6): of SE blocks and of their relatives, in whatever form the file has them. Images are taken as they are needed, so that there may be any
 * number of them; those that cannot be read are counted. Throws a UserError where none can, or the model has no gate or takes no images.
 */
export async function gatesOn<Model, Image, Options extends GatesOptions>(
  platform: Platform<Model, Image, Options>,
  model: Model,
  images: Iterable<Image | ClassedImage<Image>> | AsyncIterable<Image | ClassedImage<Image>>,
  options: Options,
): Promise<GateReport> {
  const { signal, onProgress } = options;
  const observed = await openObserved(platform, model, observeGates, options);
  const { session, setup } = observed;
  const preparer = platform.preparer(setup);
  const tally = gateTally(observed.found);
  const failures: string[] = [];
  let [read, failed] = [0, 0];

  const gatesOf = async (given: Image | ClassedImage<Image>, i: number): Promise<Seen> => {
    const { image, className } = isClassed(given) ? given : { image: given, className: null };
    const feeds = await preparer.prepare(image, nameOf(image, i, null)).then(
      ({ data, release }) => {
        const copied = observed.feeds(data);
        release();
        return copied;
      },
      (e: unknown) => {
        if (e instanceof UserError) return e;
        throw e;
      },
    );
    return feeds instanceof UserError ? feeds : { outputs: await session.run(feeds), className };
  };
  try {
    for await (const seen of inOrder(images, AHEAD, gatesOf, signal)) {
      if (seen instanceof UserError) {
        if (failed++ < KEPT) failures.push(seen.message);
      } else {
        tally.add(seen.outputs, seen.className);
        read++;
      }
      onProgress?.({ done: read + failed, failed });
    }
    if (!read && failures[0])
      throw new UserError(failed === 1 ? failures[0] : `no image could be read: ${failures[0]}`);
    return { device: session.provider, images: read, failed, failures, blocks: tally.statistics() };
  } finally {
    await Promise.all([observed.close(), preparer.close()]);
  }
}

/** The outputs of one image's run, or why there are none. */
type Seen = { readonly outputs: Feeds; readonly className: string | null } | UserError;

/** Elements of a page have a className too. */
const isClassed = <Image>(given: Image | ClassedImage<Image>): given is ClassedImage<Image> =>
  typeof given === "object" && given !== null && "image" in given && "className" in given;
