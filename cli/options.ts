import { InvalidArgumentError } from "commander";

/** A whole number, for commander. */
export function whole(min = 1, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const n = Number(text);
    const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `from ${min} up`;
    if (!/^\d+$/.test(text) || n < min || n > max)
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    return n;
  };
}

/** Threads of a runtime: many more than there are processors only wait for each other. */
export const threads = whole(1, 256);

/** "2,3,5" -> [2, 3, 5]. */
export function wholes(text: string): readonly number[] {
  return text.split(",").map((part) => whole()(part.trim()));
}

export function positive(text: string): number {
  const n = Number(text);
  if (!(n > 0) || !Number.isFinite(n)) throw new InvalidArgumentError("It must be a number above 0.");
  return n;
}

/** "48x320" -> [48, 320], height first; "224" -> [224, 224]. */
export function size(text: string): readonly [height: number, width: number] {
  const [height = "", width = height, ...rest] = text.toLowerCase().split("x");
  if (rest.length) throw new InvalidArgumentError("It must be HEIGHTxWIDTH, as in 48x320.");
  return [whole()(height), whole()(width)];
}
