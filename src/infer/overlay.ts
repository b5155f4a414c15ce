import type { ActivationMap } from "./activation-map.js";
import { checkPixels, type Pixels } from "./pixels.js";
import type { Box } from "./resample.js";

type Rgb = readonly [red: number, green: number, blue: number];

/** matplotlib's colour map "plasma" (CC0, https://bids.github.io/colormap/) at every seventh of its range, 0 to 255; between them within 6 of it. */
const PLASMA: readonly Rgb[] = [
  [13, 8, 135],
  [83, 2, 163],
  [139, 10, 165],
  [184, 50, 137],
  [219, 92, 104],
  [244, 136, 73],
  [254, 189, 42],
  [240, 249, 33],
];

/** The colour of a number from 0 to 1, dark blue to yellow; numbers beyond have the colour of the nearer end. */
export function heatColour(value: number): Rgb {
  const at = Math.min(Math.max(value, 0), 1) * (PLASMA.length - 1);
  const below = PLASMA[Math.floor(at)] ?? [0, 0, 0];
  const above = PLASMA[Math.ceil(at)] ?? below;
  const t = at - Math.floor(at);
  return [mix(below[0], above[0], t), mix(below[1], above[1], t), mix(below[2], above[2], t)];
}

/** Of the map's colour over the picture's. */
const OPACITY = 0.5;
/** What is left of the picture's brightness where the network saw nothing. */
const UNSEEN = 0.4;

/**
 * The picture with the map in colours over `region`, the part that the network saw (`seenRegion`), its smallest value dark blue and its largest yellow;
 * what lies outside is darkened.
 */
export function overlay(pixels: Pixels, map: ActivationMap, region: Box): Pixels {
  checkPixels(pixels);
  const { width, height } = pixels;
  const data = new Uint8Array(pixels.data.length);
  const columns = placesAlong(width, region.left, region.width, map.width);
  const rows = placesAlong(height, region.top, region.height, map.height);
  const [low, high] = rangeOf(map.data);
  let p = 0;
  for (const row of rows)
    for (const column of columns) {
      const seen = row && column;
      const colour = seen ? heatColour(high > low ? (sample(map, row, column) - low) / (high - low) : 0) : null;
      for (let c = 0; c < 3; c++, p++) {
        const own = pixels.data[p] ?? 0;
        data[p] = Math.round(colour ? mix(own, colour[c] ?? 0, OPACITY) : own * UNSEEN);
      }
    }
  return { width, height, data };
}

/** Between which two of the map's cells a pixel lies, and how far it is from the first to the second. */
interface Place {
  readonly first: number;
  readonly second: number;
  readonly t: number;
}

/**
 * Where the centres of `size` pixels lie among the centres of the map's `cells`, which cover the pixels from `start` on over `length`; beyond the outermost
 * centres the edge goes on. Null for pixels outside.
 */
function placesAlong(size: number, start: number, length: number, cells: number): readonly (Place | null)[] {
  return Array.from({ length: size }, (_, pixel) => {
    const share = (pixel + 0.5 - start) / length;
    if (share < 0 || share >= 1) return null;
    const at = Math.min(Math.max(share * cells - 0.5, 0), cells - 1);
    const first = Math.floor(at);
    return { first, second: Math.min(first + 1, cells - 1), t: at - first };
  });
}

/** Bilinear, half a cell from the edges in, as torch.nn.functional.interpolate without align_corners. */
function sample({ width, data }: ActivationMap, row: Place, column: Place): number {
  const at = (y: number, x: number): number => data[y * width + x] ?? Number.NaN;
  const along = (y: number): number => mix(at(y, column.first), at(y, column.second), column.t);
  return mix(along(row.first), along(row.second), row.t);
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

const rangeOf = (values: Float32Array): readonly [low: number, high: number] => [
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
];
