import type { WeightSource } from "../../src/graph/bind.js";
import type { Parameter } from "../../src/graph/parameter.js";
import { lazyTensor, type Tensor } from "../../src/graph/tensor.js";

/** Center, spread and, where it is not the recipe's, a seed. */
type Entry = readonly [center: number, spread: number, seed?: number];
/** Weights in a few numbers for each tensor, as parity/recipe.py writes them. */
export interface Recipe {
  readonly seed: number;
  readonly tensors: Readonly<Record<string, Entry>>;
}

/** The tensors of a recipe in the shapes that the network asks for, the same bits as in PyTorch: center + spread * u(seed, key, i). */
export function weightsOf(recipe: Recipe, parameters: readonly Parameter[]): WeightSource {
  const types = new Map(parameters.map((p) => [p.key, p.type]));
  const tensors = new Map<string, Tensor>();
  for (const [key, [center, spread, seed = recipe.seed]] of Object.entries(recipe.tensors)) {
    const type = types.get(key);
    if (!type) throw new Error(`the recipe has '${key}', which the network does not ask for`);
    const hash = hashes(seed, key);
    const read: Tensor["read"] = async (start, end) => {
      const out = new Float32Array((end - start) / 4);
      fill(out, hash, start / 4, Math.fround(spread) * 2 ** -31, Math.fround(center));
      return new Uint8Array(out.buffer);
    };
    tensors.set(key, lazyTensor(type, read));
  }
  return { name: "recipe", tensors };
}

/** Pixels of one noise cell, at each scale of an image. */
const SCALES = [2, 8, 32, 128, 512];

/** Float32 [count,channels,size,size], deviation near 1: noise at several scales, so that images differ as a whole and not only pixel by pixel. */
export function images(count: number, channels: number, size: number, seed: number): Float32Array {
  const total = new Float32Array(count * channels * size * size);
  for (const scale of SCALES) {
    const grid = Math.ceil(size / scale);
    const noise = new Float32Array(count * channels * grid * grid);
    fill(noise, hashes(seed, `input.${scale}`), 0, Math.fround(0.7745967) * 2 ** -31, 0);
    for (let i = 0; i < total.length; i++) {
      const [x, y, plane] = [i % size, Math.floor(i / size) % size, Math.floor(i / size ** 2)];
      total[i] = total[i]! + noise[(plane * grid + Math.floor(y / scale)) * grid + Math.floor(x / scale)]!;
    }
  }
  return total;
}

/** A walk through hashes: element i is mix(counter + i step), as in src/graph/random.ts. */
interface Walk {
  readonly counter: number;
  readonly step: number;
}
function hashes(seed: number, key: string): Walk {
  const counter = mix(fnv1a(key) ^ mix(seed));
  return { counter, step: mix(counter ^ 0x9e3779b9) | 1 };
}

/** Each product and sum rounded once to float32. */
function fill(out: Float32Array, { counter, step }: Walk, from: number, scale: number, center: number): void {
  for (let i = 0; i < out.length; i++) {
    const u = Math.fround(mix((counter + Math.imul(from + i, step)) | 0));
    out[i] = Math.fround(u * scale) + center;
  }
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** The finaliser of MurmurHash3. */
function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
