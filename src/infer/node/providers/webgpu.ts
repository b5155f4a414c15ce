import { firstLine } from "../../ort.js";
import type { Unavailable } from "../../provider.js";
import { nativeProvider } from "./native.js";

const DRIVER: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    "install a Vulkan driver (the graphics card's own, or on Debian and Ubuntu `apt install mesa-vulkan-drivers`) and see that `vulkaninfo --summary` lists the card; without a card, `apt install chromium` and VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json run it on the processor, slowly",
  win32: "install the graphics card's driver, for DirectX 12",
};

/** Any graphics processor with Vulkan, Direct3D 12 or Metal, by the WebGPU that onnxruntime-node brings
 *  (https://onnxruntime.ai/docs/execution-providers/). */
export const webgpu = nativeProvider({ name: "webgpu", executionProviders: () => [{ name: "webgpu" }], explain });

function explain(message: string): Unavailable | null {
  const [, reason] = /Failed to get a WebGPU (?:adapter|device): (.*)/.exec(message) ?? [];
  if (reason === undefined) return null;
  return {
    reason: `webgpu finds no graphics processor that it can use (${firstLine(reason)})`,
    hint: DRIVER[process.platform] ?? "choose another device",
  };
}
