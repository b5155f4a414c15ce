/**
 * Integers in [0, n), the same for the same seed: xorshift32 (Marsaglia, Xorshift RNGs, 2003).
 * @param {number} seed
 * @returns {(n: number) => number}
 */
export function generator(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bf03635 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next(); // neighbouring seeds start alike
  return (n) => next() % n;
}
