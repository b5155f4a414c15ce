// What is under test, from dist/.

/**
 * @typedef {object} Library
 * @property {typeof import("../src/export/decode.js").decode} decode
 * @property {typeof import("../src/export/encode.js").encodeToBytes} encodeToBytes
 * @property {typeof import("../src/export/span.js").readMessage} readMessage
 * @property {typeof import("../src/export/schema.js").ModelProto} ModelProto
 * @property {typeof import("../src/export/weights/safetensors.js").readSafetensors} readSafetensors
 * @property {typeof import("../src/infer/npy.js").decodeNpy} decodeNpy
 * @property {typeof import("../src/infer/npy.js").encodeNpy} encodeNpy
 * @property {typeof import("../src/infer/node/decode-image.js").decodeImage} decodeImage
 * @property {typeof import("../src/graph/check.js").check} check
 * @property {typeof import("../src/graph/error.js").UserError} UserError
 */

const MODULES = [
  "export/decode",
  "export/encode",
  "export/span",
  "export/schema",
  "export/weights/safetensors",
  "infer/npy",
  "infer/node/decode-image",
  "graph/check",
  "graph/error",
];

/** @returns {Promise<Library>} */
export async function library() {
  const modules = await Promise.all(MODULES.map((name) => import(`../dist/src/${name}.js`)));
  return Object.assign({}, ...modules);
}
