import type { Providers } from "../../device.js";
import { coreml } from "./coreml.js";
import { cpu } from "./cpu.js";
import { cuda } from "./cuda.js";
import { dml } from "./dml.js";
import { tensorrt } from "./tensorrt.js";
import { wasm } from "./wasm.js";
import { webgpu } from "./webgpu.js";
import { webnn } from "./webnn.js";

/** Every execution provider of Node. Unasked, none is tried that may compute in float16 (coreml), compile for minutes (tensorrt) or
 *  run on a software adapter (webgpu). */
export const providers: Providers = {
  all: [cpu, cuda, tensorrt, coreml, dml, webgpu, webnn, wasm],
  auto: ["cuda", "dml", "cpu", "wasm"],
  gpu: ["cuda", "dml", "coreml", "webgpu"],
};
