// The cases of npm run parity:devices: networks, in the forms that a file can have, and where each is run.

/** @typedef {"cpu" | "wasm" | "webgpu" | "chromium wasm" | "chromium webgpu"} Place  in Node, unless it says Chromium */
/**
 * @typedef {object} Form  of the file
 * @property {string} form     "as built", or the options of `se-onnx build` that make another file
 * @property {Partial<import("../src/build.js").BuildOptions>} options  the same for `buildModel`
 * @property {string} [target]
 * @property {number} limit    of the relative difference
 * @property {readonly Place[]} places
 *
 * @typedef {Omit<Form, "places"> & {name: string, backbone: string, size: number, place: Place}} Case  size: pixels of the input's sides
 */

/** Of float32, whose rounding differs with the order of sums. */
const LIMIT = 1e-4;
/** Of what computes in float16 (2^-11 a rounding), against float32. */
const HALF_LIMIT = 2e-2;

/** @type {readonly Place[]} */
export const PLACES = ["cpu", "wasm", "webgpu", "chromium wasm", "chromium webgpu"];
/** @type {readonly Place[]} */
const PROCESSOR = ["cpu", "wasm", "chromium wasm"];
/** @type {readonly Place[]} */
const WEBGPU = ["webgpu", "chromium webgpu"];

/**
 * The smallest of every family at about the least size that it takes, since a software adapter is slow, and SE-ResNet-50 at its own.
 * @type {readonly (readonly [backbone: string, size: number])[]}
 */
const NETWORKS = [
  ["cifar_resnet20", 32],
  ["resnet18", 32],
  ["resnet50", 32],
  ["resnet18_v1", 32],
  ["resnet18d", 32],
  ["resnext50_32x4d", 32],
  ["resnext50_32x4d_v1", 32],
  ["senet154", 32],
  ["seresnext26d_32x4d", 32],
  ["legacy_seresnext26_32x4d", 32],
  ["resnetrs50", 32],
  ["vgg11", 32],
  ["vgg11_bn", 32],
  ["googlenet", 32],
  ["bn_inception", 64],
  ["inception_v3", 96],
  ["inception_resnet_v2", 96],
  ["densenet121", 32],
  ["mobilenet_v1", 32],
  ["mobilenet_v2", 32],
  ["mobilenet_v3_small", 32],
  ["shufflenet_v1_g3", 32],
  ["efficientnet_b0", 32],
  ["regnet_y_400mf", 32],
  ["resnet50", 224],
];
/** Networks whose other forms are run too: one of each kind of block. */
const IN_OTHER_FORMS = new Set(["resnet50 32", "mobilenet_v3_small 32"]);

/** @type {readonly Form[]} */
const OTHER_FORMS = [
  { form: "--target cpu", options: {}, target: "cpu", limit: LIMIT, places: PROCESSOR },
  { form: "--target ort-cpu", options: {}, target: "ort-cpu", limit: LIMIT, places: ["cpu"] },
  { form: "--target wasm", options: {}, target: "wasm", limit: LIMIT, places: PROCESSOR },
  { form: "--target webgpu", options: {}, target: "webgpu", limit: LIMIT, places: WEBGPU },
  { form: "--dtype fp16", options: { dtype: "fp16" }, limit: HALF_LIMIT, places: PLACES },
  { form: "--normalize", options: { normalize: true }, limit: LIMIT, places: PLACES },
  {
    form: "--input-type uint8 --softmax",
    options: { inputType: "uint8", softmax: true },
    limit: LIMIT,
    places: PLACES,
  },
];

/** @type {readonly Case[]} */
export const cases = NETWORKS.flatMap(([backbone, size]) => {
  const network = `${backbone} ${size}`;
  /** @type {Form} */
  const plain = { form: "as built", options: {}, limit: LIMIT, places: PLACES.slice(1) }; // cpu is what they are held against
  const forms = IN_OTHER_FORMS.has(network) ? [plain, ...OTHER_FORMS] : [plain];
  return forms.flatMap(({ places, ...form }) =>
    places.map((place) => ({ name: `${network} ${form.form} on ${place}`, backbone, size, ...form, place })),
  );
});
