import type { OwnSqueezeExcite } from "./architecture.js";
import { toMultipleOf } from "./divisible.js";

/** timm's SE in residual networks: biases, and hidden units rounded to multiples of 8. */
export const TIMM_SE: OwnSqueezeExcite = { bias: true, round: /* @__PURE__ */ toMultipleOf(8) };
