// What is under test, from dist/.

const MODULES = [
  "export/decode",
  "export/encode",
  "export/span",
  "export/schema",
  "export/weights/npz",
  "export/weights/read-weights",
  "export/weights/safetensors",
  "export/weights/torch",
  "infer/npy",
  "infer/node/decode-image",
  "graph/check",
  "graph/error",
  "graph/targets",
  "optimize",
];

/** @returns {Promise<import("./library.mjs").Library>} */
export async function library() {
  const modules = await Promise.all(MODULES.map((name) => import(`../dist/src/${name}.js`)));
  return Object.assign({}, ...modules);
}
