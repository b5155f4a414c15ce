export default {
  mode: "production",
  entry: "./main.js",
  experiments: { outputModule: true }, // a module script; the .wasm files of onnxruntime-web are put beside it
  output: { path: `${import.meta.dirname}/public`, filename: "main.js", module: true },
  performance: { hints: false }, // the .wasm files are large
};
