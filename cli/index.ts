import { fillWith } from "../src/graph/random.js";
import { simdFill } from "../src/graph/simd-fill.js";
import type { Command } from "./command.js";

/** Every command, in the order of the help. Only the one that is called is loaded. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => {
    const fill = simdFill();
    if (fill) fillWith(fill);
    return (await import("./build.js")).build;
  },
  list: async () => (await import("./list.js")).list,
  weights: async () => (await import("./weights.js")).weights,
  info: async () => (await import("./info.js")).info,
  run: async () => (await import("./run.js")).run,
  gates: async () => (await import("./gates.js")).gates,
  cam: async () => (await import("./cam.js")).cam,
  validate: async () => (await import("./validate.js")).validate,
  bench: async () => (await import("./bench.js")).bench,
  compare: async () => (await import("./compare.js")).compare,
  optimize: async () => (await import("./optimize.js")).optimize,
  check: async () => (await import("./check.js")).check,
  doctor: async () => (await import("./doctor.js")).doctor,
  playground: async () => (await import("./playground.js")).playground,
  demo: async () => (await import("./demo.js")).demo,
};
