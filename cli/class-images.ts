import { relative, sep } from "node:path";
import type { ClassedImage } from "../src/infer/image-gates.js";
import { imageFiles } from "./images.js";

/** The pictures of `paths` as `imageFiles` gives them, each with its class: the name of the folder that it, or a folder of its, is in below the one that is given. */
export async function* classImages(paths: readonly string[]): AsyncGenerator<ClassedImage<string>, void, undefined> {
  for (const path of paths)
    for await (const image of imageFiles([path])) {
      const [first = "", ...rest] = relative(path, image).split(sep);
      yield { image, className: rest.length ? first : null };
    }
}
