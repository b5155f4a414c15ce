import { defineConfig } from "vite";

/** What makes the page cross-origin isolated, so that wasm may use threads; your own server has to send them too. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  optimizeDeps: { exclude: ["onnxruntime-web"] }, // it finds its .wasm file beside its own script
  server: { headers },
  preview: { headers },
});
