import type { decode } from "../src/export/decode.js";
import type { encodeToBytes } from "../src/export/encode.js";
import type { ModelProto } from "../src/export/schema.js";
import type { readMessage } from "../src/export/span.js";
import type { readNpz } from "../src/export/weights/npz.js";
import type { readWeights } from "../src/export/weights/read-weights.js";
import type { readSafetensors } from "../src/export/weights/safetensors.js";
import type { readTorch } from "../src/export/weights/torch.js";
import type { check } from "../src/graph/check.js";
import type { UserError } from "../src/graph/error.js";
import type { targets } from "../src/graph/targets.js";
import type { decodeImage } from "../src/infer/node/decode-image.js";
import type { decodeNpy, encodeNpy } from "../src/infer/npy.js";
import type { optimize, planPasses, specialise } from "../src/optimize.js";

/** What is under test. */
export interface Library {
  readonly decode: typeof decode;
  readonly encodeToBytes: typeof encodeToBytes;
  readonly readMessage: typeof readMessage;
  readonly ModelProto: typeof ModelProto;
  readonly readSafetensors: typeof readSafetensors;
  readonly readTorch: typeof readTorch;
  readonly readNpz: typeof readNpz;
  readonly readWeights: typeof readWeights;
  readonly decodeNpy: typeof decodeNpy;
  readonly encodeNpy: typeof encodeNpy;
  readonly decodeImage: typeof decodeImage;
  readonly check: typeof check;
  readonly optimize: typeof optimize;
  readonly planPasses: typeof planPasses;
  readonly specialise: typeof specialise;
  readonly targets: typeof targets;
  readonly UserError: typeof UserError;
}
/** That of dist/. */
export function library(): Promise<Library>;
