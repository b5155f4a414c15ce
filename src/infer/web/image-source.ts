import type { Pixels } from "../pixels.js";
import { decodeImage } from "./decode-image.js";

/** A picture: its address, the bytes of a file as a Blob (a File is one), an element or other object that shows one, or its pixels. */
export type ImageSource = string | URL | ImageBitmapSource | Pixels;

/** Tells one picture from a list of them. */
export const isImageSource = (given: unknown): given is ImageSource =>
  typeof given === "string" ||
  (typeof given === "object" && given !== null && !(Symbol.iterator in given) && !(Symbol.asyncIterator in given));

/** Its pixels. */
export const pixelsOf = (image: ImageSource): Pixels | Promise<Pixels> =>
  isPixels(image) ? image : decodeImage(image);

/** A page's ImageData has the same fields, and four bytes a pixel. */
const isPixels = (image: ImageSource): image is Pixels =>
  typeof image === "object" && "data" in image && !(image instanceof ImageData);
