import {
  batchOf,
  type Classification,
  type ClassifierSetup,
  type ClassifyOptions,
  classifyBatch,
  requireImageInput,
} from "./classify.js";
import type { Pixels } from "./pixels.js";
import type { Session } from "./session.js";

/** A model that is ready to run on a device, on tensors or on images. `Image`: what pictures may be given as. */
export interface OpenedModel<Image> extends Session {
  readonly setup: ClassifierSetup;
  /** Classifies images, in order, as many at a time as `batch` says (8, or what the model was built for). */
  classify(
    images: Image | readonly Image[],
    options?: ClassifyOptions & { readonly batch?: number },
  ): Promise<readonly Classification[]>;
}

/** `session` with `classify`; `pixelsOf` decodes a picture. */
export function openedModel<Image>(
  session: Session,
  setup: ClassifierSetup,
  pixelsOf: (image: Image) => Pixels | Promise<Pixels>,
): OpenedModel<Image> {
  return {
    ...session,
    setup,
    async classify(images, { batch = batchOf(session) ?? 8, ...options } = {}) {
      requireImageInput(session, setup.preprocessing);
      const list = isList(images) ? images : [images];
      const out: Classification[] = [];
      for (let at = 0; at < list.length; at += batch) {
        const pixels = await Promise.all(list.slice(at, at + batch).map(pixelsOf));
        out.push(...(await classifyBatch(session, setup, pixels, options)));
      }
      return out;
    },
  };
}
const isList = <Image>(images: Image | readonly Image[]): images is readonly Image[] => Array.isArray(images);
