import type { Pixels } from "../pixels.js";
import { decodeImage } from "./decode-image.js";

/** A picture: a path, the bytes of a JPEG, PNG, WebP, GIF or TIFF file, or its pixels. */
export type ImageSource = string | Uint8Array | Pixels;

/** Tells one picture from a list of them. */
export const isImageSource = (given: unknown): given is ImageSource =>
  typeof given === "string" ||
  ArrayBuffer.isView(given) ||
  (typeof given === "object" && given !== null && "data" in given);

/** Its pixels; `name` is what errors call it. */
export const pixelsOf = (image: ImageSource, name: string): Pixels | Promise<Pixels> =>
  typeof image === "object" && "width" in image ? image : decodeImage(image, name);
