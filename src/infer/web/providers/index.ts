import type { Provider } from "../../provider.js";
import { wasm } from "./wasm.js";
import { webgpu } from "./webgpu.js";

/** Every execution provider of the browser, by preference. */
export const providers: readonly Provider[] = [wasm, webgpu];
