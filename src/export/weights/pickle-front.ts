import type { Ranged } from "../../graph/tensor.js";
import { EndOfPickle, PickleInput } from "./pickle-input.js";

/** Pickles that stand in front of other bytes do not say how long they are: no longer than this. */
const LONGEST = 16 * 1024 * 1024;

/**
 * What `parse` makes of the bytes of `source` from `at` on, of which `first` are read, and more where those are too few. `name` is what errors
 * call the source.
 */
export async function readFront<T>(
  source: Ranged,
  name: string,
  at: number,
  first: number,
  parse: (input: PickleInput) => T,
): Promise<T> {
  for (let size = first; ; size *= 8) {
    const end = Math.min(source.byteLength, at + Math.min(size, LONGEST));
    try {
      return parse(new PickleInput(await source.read(at, end), name, 0, at));
    } catch (e) {
      if (!(e instanceof EndOfPickle) || end === source.byteLength || size >= LONGEST) throw e;
    }
  }
}
