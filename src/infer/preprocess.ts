import { UserError } from "../graph/error.js";
import type { Preprocessing } from "../graph/preprocessing.js";
import { checkPixels, type Pixels } from "./pixels.js";
import { type Box, resample } from "./resample.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** torchvision's preset for its ImageNet networks: the shorter side to size / 0.875 (256 for 224), bilinear. */
export function imagenetPreprocessing(size = 224): Preprocessing {
  return {
    input_size: [3, size, size],
    interpolation: "bilinear",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    crop_pct: 0.875,
    crop_mode: "center",
  };
}

/** The tensor [channels, height, width] of an image, bit for bit as torchvision makes it of a PIL image with
 *  Resize(floor(size / crop_pct)), CenterCrop(size), ToTensor and Normalize(mean, std):
 *  the shorter side becomes floor(size / crop_pct) and the longer one keeps the aspect, rounded down; the crop is
 *  centred, half pixels rounded to even; an image smaller than the crop is padded with black.
 *
 *  When floor(height / crop_pct) and floor(width / crop_pct) differ, which torchvision has no rule for, it does as timm
 *  (1.0.31, `transforms_imagenet_eval`): the image just covers both, with its aspect kept and sides rounded half to even.
 *  With crop_mode "squash", timm's too, each side is resized to floor(side / crop_pct).
 *
 *  It is written into `tensor` where one is given. Throws a UserError that names the key when `preprocessing` cannot be used. */
export function prepare(pixels: Pixels, preprocessing: Preprocessing, tensor?: Float32Array): Float32Array {
  const { cropped, left, top } = crop(pixels, preprocessing);
  const [channels, height, width] = preprocessing.input_size;
  const plane = height * width;
  const out = tensor ?? new Float32Array(channels * plane);
  for (let c = 0; c < channels; c++) {
    const values = normalized(preprocessing.mean[c]!, preprocessing.std[c]!);
    if (cropped.width < width || cropped.height < height) out.fill(values[0]!, c * plane, (c + 1) * plane);
    for (let row = 0, p = c; row < cropped.height; row++) {
      const o = c * plane + (top + row) * width + left;
      for (let column = 0; column < cropped.width; column++, p += 3) out[o + column] = values[cropped.data[p]!]!;
    }
  }
  return out;
}

/** The bytes [height, width, channels] of an image, resized and cropped as by `prepare`, for a model that normalizes them itself. */
export function prepareBytes(pixels: Pixels, preprocessing: Preprocessing, tensor?: Uint8Array): Uint8Array {
  const { cropped, left, top } = crop(pixels, preprocessing);
  const [channels, height, width] = preprocessing.input_size;
  const out = tensor ?? new Uint8Array(height * width * channels);
  if (cropped.width < width || cropped.height < height) out.fill(0);
  for (let row = 0, p = 0; row < cropped.height; row++) {
    let o = ((top + row) * width + left) * channels;
    for (let column = 0; column < cropped.width; column++, p += 3)
      for (let c = 0; c < channels; c++) out[o++] = cropped.data[p + c]!;
  }
  return out;
}

/** What of the resized image is kept, grey in all channels where there is one, and how far from the left and the top it is put. */
function crop(
  pixels: Pixels,
  preprocessing: Preprocessing,
): { readonly cropped: Pixels; readonly left: number; readonly top: number } {
  checkPixels(pixels);
  checkPreprocessing(preprocessing);
  const [channels, height, width] = preprocessing.input_size;
  const resized = resizedSize(pixels, preprocessing);
  const x = cropOf(resized.width, width);
  const y = cropOf(resized.height, height);
  const window: Box = { left: x.start, top: y.start, width: x.length, height: y.length };
  const source = channels === 1 ? greyOf(pixels) : pixels;
  const cropped = resample(source, resized.width, resized.height, preprocessing.interpolation, window);
  return { cropped, left: x.padding, top: y.padding };
}

/** The part of an image that `prepare` shows the network, in the image's own pixels: fractions of them, and beyond its edges where it is padded. */
export function seenRegion(image: Size, preprocessing: Preprocessing): Box {
  const [, height, width] = preprocessing.input_size;
  const resized = resizedSize(image, preprocessing);
  const x = cropOf(resized.width, width);
  const y = cropOf(resized.height, height);
  const [across, down] = [image.width / resized.width, image.height / resized.height];
  return {
    left: (x.start - x.padding) * across,
    top: (y.start - y.padding) * down,
    width: width * across,
    height: height * down,
  };
}

/** The size that the whole image is resized to. */
function resizedSize(image: Size, { input_size: [, height, width], crop_pct, crop_mode }: Preprocessing): Size {
  const tall = Math.floor(height / crop_pct);
  const wide = Math.floor(width / crop_pct);
  if (crop_mode === "squash") return { width: wide, height: tall };
  if (tall !== wide) {
    const ratio = Math.min(image.height / tall, image.width / wide);
    return { width: roundHalfEven(image.width / ratio), height: roundHalfEven(image.height / ratio) };
  }
  if (image.width <= image.height) return { width: wide, height: Math.floor((tall * image.height) / image.width) };
  return { width: Math.floor((wide * image.width) / image.height), height: tall };
}

/** Where a centred crop of `crop` pixels lies along a side of `size`: the pixels kept and the padding before them. */
function cropOf(size: number, crop: number): { start: number; length: number; padding: number } {
  if (crop > size) return { start: 0, length: size, padding: Math.floor((crop - size) / 2) };
  return { start: roundHalfEven((size - crop) / 2), length: crop, padding: 0 };
}

/** Python's `round`. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** The image as Pillow's `convert("L")` makes it, in all three channels: ITU-R 601-2 luma in 16-bit fixed point. */
function greyOf({ width, height, data }: Pixels): Pixels {
  const grey = new Uint8Array(data.length);
  for (let p = 0; p < data.length; p += 3) {
    const luma = (data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) >> 16;
    grey[p] = luma;
    grey[p + 1] = luma;
    grey[p + 2] = luma;
  }
  return { width, height, data: grey };
}

/** (value / 255 - mean) / std for each byte value, rounded to float32 after every step as torch does. */
function normalized(mean: number, std: number): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length: 256 }, (_, value) => fround(fround(value / 255) - fround(mean)) / fround(std));
}

function checkPreprocessing({ input_size, interpolation, mean, std, crop_pct, crop_mode }: Preprocessing): void {
  const [channels, ...sides] = input_size;
  if (input_size.length !== 3 || !sides.every((side) => Number.isInteger(side) && side > 0)) {
    throw new UserError(`input_size [${input_size}] is not [channels, height, width] in positive whole numbers`);
  }
  if (channels !== 1 && channels !== 3) {
    throw new UserError(`input_size [${input_size}] asks for ${channels} channels; an image gives 3 (RGB) or 1 (grey)`);
  }
  if (interpolation !== "bilinear" && interpolation !== "bicubic") {
    throw new UserError(`interpolation '${interpolation}' is not known; use bilinear or bicubic`);
  }
  if (crop_mode !== "center" && crop_mode !== "squash")
    throw new UserError(`crop_mode '${crop_mode}' is not known; use center or squash`);
  if (!(crop_pct > 0 && Math.floor(Math.min(...sides) / crop_pct) > 0)) {
    throw new UserError(`crop_pct ${crop_pct} leaves nothing of the image; give a number over 0, usually up to 1`);
  }
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values.length !== channels || !values.every(Number.isFinite)) {
      throw new UserError(`${name} [${values}] must hold a number for each of the ${channels} channels`);
    }
  }
  if (std.some((value) => Math.fround(value) === 0))
    throw new UserError(`std [${std}] holds a 0, which would divide by 0`);
}
