import type { PixelType } from "../graph/bake.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import type { Pixels } from "./pixels.js";
import { prepare, prepareBytes } from "./preprocess.js";
import type { HostTensor } from "./session.js";

/** How a model takes its images. */
export interface ImageInput {
  readonly preprocessing: Preprocessing;
  /** float32: [N,C,H,W], prepared; uint8: bytes [N,H,W,C], resized and cropped, which the model normalizes. */
  readonly pixelType: PixelType;
}
/** The numbers of one or more images, as a model takes them. */
export type ImageArray = Float32Array | Uint8Array;

/** Without N. */
export function imageShape({ preprocessing, pixelType }: ImageInput): readonly [number, number, number] {
  const [channels, height, width] = preprocessing.input_size;
  return pixelType === "uint8" ? [height, width, channels] : [channels, height, width];
}
export const imageLength = ({ preprocessing }: ImageInput): number => preprocessing.input_size.reduce((a, b) => a * b);

/** Memory for so many images; in shared memory, which threads hand to each other without a copy, where that is asked for. */
export function imageArray(input: ImageInput, images: number, { shared = false } = {}): ImageArray {
  const length = images * imageLength(input);
  const bytes = input.pixelType === "uint8" ? length : length * Float32Array.BYTES_PER_ELEMENT;
  const memory = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return input.pixelType === "uint8" ? new Uint8Array(memory) : new Float32Array(memory);
}

/** The image as the model takes it, in `array`, which is of one image. */
export function prepareInto(array: ImageArray, pixels: Pixels, { preprocessing }: ImageInput): void {
  if (array instanceof Uint8Array) prepareBytes(pixels, preprocessing, array);
  else prepare(pixels, preprocessing, array);
}

/** The feed of one or more images. */
export const imageTensor = (data: ImageArray, input: ImageInput): HostTensor => ({
  dtype: input.pixelType,
  shape: [data.length / imageLength(input), ...imageShape(input)],
  data,
});
