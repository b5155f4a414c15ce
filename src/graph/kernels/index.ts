import { ARITHMETIC } from "./arithmetic.js";
import type { Kernel } from "./kernel.js";
import { LAYOUT } from "./layout.js";

/** Operators that are computed before anything runs. */
export const KERNELS: ReadonlyMap<string, Kernel> = new Map(Object.entries({ ...ARITHMETIC, ...LAYOUT }));
