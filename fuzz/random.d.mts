/** Integers in [0, n), the same for the same seed. */
export function generator(seed: number): (n: number) => number;
