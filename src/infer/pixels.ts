import { UserError } from "../graph/error.js";

/** An 8-bit RGB image: `data` holds height x width x 3 bytes, row by row, red first, each 0 to 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The largest image that is read or made: 268 million pixels, so that three bytes each stay below 2^31. */
export const MAX_PIXELS = 2 ** 28;

/** Throws a UserError unless `data` holds three bytes for each pixel (a canvas, say, holds four). */
export function checkPixels({ width, height, data }: Pixels): void {
  checkSize("An image", width, height);
  if (data.length === width * height * 3) return;
  throw new UserError(
    `An RGB image of ${width}x${height} pixels has ${width * height * 3} bytes, but ${data.length} are given: give red, green and blue of each pixel, row by row`,
  );
}

/** Throws a UserError that names `what` unless both sides are positive integers and the area is at most MAX_PIXELS. */
export function checkSize(what: string, width: number, height: number): void {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (whole && width * height <= MAX_PIXELS) return;
  throw new UserError(
    `${what} cannot be ${width}x${height} pixels: give positive whole numbers with a product of at most ${MAX_PIXELS}`,
  );
}
