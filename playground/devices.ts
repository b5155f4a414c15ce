import { element } from "./elements.js";
import { threads } from "./threads.js";
import { plural } from "./words.js";

/** Says which devices this browser has, and chooses the best. */
export async function startDevices(): Promise<void> {
  const webgpu = element("device-webgpu", HTMLInputElement);
  const reason = await noWebgpu();
  webgpu.disabled = reason !== null;
  webgpu.checked = reason === null;
  const shared = crossOriginIsolated
    ? `WASM runs on ${plural(threads(), "thread")}.`
    : "WASM runs on one thread, since the page is not cross-origin isolated: for more, serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.";
  element("device-note", HTMLParagraphElement).textContent = [reason, shared].filter(Boolean).join(" ");
}

export const chosenDevice = (): string =>
  document.querySelector<HTMLInputElement>("input[name=device]:checked")?.value ?? "wasm";

/** Why there is no WebGPU; null where there is. */
async function noWebgpu(): Promise<string | null> {
  if (!isSecureContext) return "WebGPU needs a secure page: open this one by https or from localhost.";
  if (!("gpu" in navigator)) return "This browser has no WebGPU: take a newer one to use it.";
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return adapter
    ? null
    : "This browser's WebGPU finds no graphics processor: its page chrome://gpu or about:support says why.";
}
