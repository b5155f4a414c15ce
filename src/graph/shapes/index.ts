import type { Rule } from "./call.js";
import { ELEMENTWISE } from "./elementwise.js";
import { LAYOUT } from "./layout.js";
import { MATRICES } from "./matrices.js";
import { REDUCTIONS } from "./reductions.js";
import { SLICES } from "./slices.js";
import { SOURCES } from "./sources.js";
import { VIEWS } from "./views.js";
import { WINDOWS } from "./windows.js";

/** What each operator of ONNX's own domain makes of its inputs' shapes, in every opset. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...ELEMENTWISE,
    ...LAYOUT,
    ...MATRICES,
    ...REDUCTIONS,
    ...SLICES,
    ...SOURCES,
    ...VIEWS,
    ...WINDOWS,
  }),
);
