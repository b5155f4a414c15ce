import type { Preprocessing } from "../src/graph/preprocessing.js";
import type { ActivationMap } from "../src/infer/activation-map.js";
import { overlay } from "../src/infer/overlay.js";
import type { Pixels } from "../src/infer/pixels.js";
import { seenRegion } from "../src/infer/preprocess.js";
import { element } from "./elements.js";

const canvas = element("crop", HTMLCanvasElement);
const strength = element("strength", HTMLInputElement);

/** Pixels of the canvas on the longer side. */
const SIDE = 448;

/** The part of the photograph that the network sees, and the same under a class's activation map. */
let seen: ImageData | null = null;
let mapped: ImageBitmap | null = null;
strength.addEventListener("input", draw);

/** Shows the part of the photograph that the network sees. */
export async function showCrop(file: Blob, preprocessing: Preprocessing): Promise<void> {
  const photograph = await createImageBitmap(file);
  const { left, top, width, height } = seenRegion(photograph, preprocessing);
  const scale = SIDE / Math.max(width, height);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives the page no canvas: close other pages, and try again");
  context.drawImage(photograph, left, top, width, height, 0, 0, canvas.width, canvas.height);
  photograph.close();
  seen = context.getImageData(0, 0, canvas.width, canvas.height);
  mapped = null;
}

/** Lays a class's activation map over it; null takes it away. */
export async function showMap(map: ActivationMap | null): Promise<void> {
  if (!seen) return;
  const { width, height } = seen;
  mapped = map && (await createImageBitmap(imageOf(overlay(pixelsOf(seen), map, { left: 0, top: 0, width, height }))));
  draw();
}

function draw(): void {
  const context = canvas.getContext("2d");
  if (!context || !seen) return;
  context.putImageData(seen, 0, 0);
  if (!mapped) return;
  context.globalAlpha = strength.valueAsNumber;
  context.drawImage(mapped, 0, 0);
}

/** Without alpha. */
function pixelsOf({ width, height, data }: ImageData): Pixels {
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) rgb.set(data.subarray(4 * p, 4 * p + 3), 3 * p);
  return { width, height, data: rgb };
}
function imageOf({ width, height, data }: Pixels): ImageData {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let p = 0; p < width * height; p++) rgba.set(data.subarray(3 * p, 3 * p + 3), 4 * p);
  return new ImageData(rgba, width, height);
}
