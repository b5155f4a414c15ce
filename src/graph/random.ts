import type { Parameter } from "./parameter.js";
import { lazyTensor, type Tensor } from "./tensor.js";

/**
 * Gives every parameter its seeded start. Counter-based: element i of a parameter is a function of (seed, key, i) alone, made of integer
 * arithmetic, + - * / and sqrt, so that any range can be read alone and every machine makes the same bytes.
 */
export function initialize(parameters: readonly Parameter[], seed = 0): void {
  for (const p of parameters) p.bind(start(p, seed));
}

function start({ key, type, init }: Parameter, seed: number): Tensor {
  const counter = mix(hash(key) ^ mix(seed));
  const step = mix(counter ^ GOLDEN) | 1; // odd, so that no number comes twice; its own, so that no two keys walk the same way
  return lazyTensor(type, async (from, to, into) => {
    const memory = into && into.byteOffset % 4 === 0 ? into : new Uint8Array(to - from);
    const out = new Float32Array(memory.buffer, memory.byteOffset, (to - from) / 4);
    if (init.kind === "constant") out.fill(init.value);
    else fill(out, (counter + Math.imul(from / 4, step)) | 0, step, Math.sqrt(6 / init.fanIn) / 2 ** 31);
    return memory.subarray(0, to - from);
  });
}

/** 2^32 over the golden ratio. */
const GOLDEN = 0x9e3779b9 | 0;

/** Writes mix(counter + i * step) * scale into each out[i]: float64 arithmetic, rounded to float32. */
export type Fill = (out: Float32Array, counter: number, step: number, scale: number) => void;
let fill: Fill = fillUniform;

/** From now on, random numbers are made by `other`, which gives the same ones faster. */
export function fillWith(other: Fill): void {
  fill = other;
}

/** Uniform numbers in [-2^31, 2^31), times `scale`. Each is made from its index: a counter carried along would not stay an integer for the compiler. */
export function fillUniform(out: Float32Array, counter: number, step: number, scale: number): void {
  for (let i = 0; i < out.length; i++) out[i] = mix((counter + Math.imul(i, step)) | 0) * scale;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** The finaliser of MurmurHash3: every input bit changes each output bit with probability near 1/2. Result in [-2^31, 2^31). */
function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
