import type { Providers } from "../../device.js";
import { wasm } from "./wasm.js";
import { webgpu } from "./webgpu.js";
import { webnn } from "./webnn.js";

/** Every execution provider of the browser. */
export const providers: Providers = {
  all: [wasm, webgpu, webnn],
  auto: ["webgpu", "wasm"],
  gpu: ["webgpu", "webnn"],
};
