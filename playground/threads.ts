/** More than these gain little, as ONNX Runtime has it too. */
const MOST = 4;

/** Threads that WASM runs on: more than one only where the page is cross-origin isolated, since they share memory. */
export const threads = (): number => (crossOriginIsolated ? Math.min(MOST, navigator.hardwareConcurrency) : 1);
