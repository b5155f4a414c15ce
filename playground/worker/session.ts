import type { Graph } from "../../src/graph/graph.js";
import { batchOf, requireClassifier } from "../../src/infer/classify.js";
import { prepare } from "../../src/infer/preprocess.js";
import type { Feeds } from "../../src/infer/session.js";
import { decodeImage } from "../../src/infer/web/decode-image.js";
import { type OpenedModel, open } from "../../src/infer/web/open.js";
import { threads } from "../threads.js";

/** A classifier that is ready to run on one device. */
export async function openOn(model: Graph | Blob, device: string): Promise<OpenedModel> {
  const opened = await open(model, { device, threads: threads() });
  try {
    requireClassifier(opened, opened.setup);
    return opened;
  } catch (e) {
    await opened.close();
    throw e;
  }
}

/** The model's input made of one picture; a model of a fixed batch size gets zeros for the others. */
export async function feedsOf(model: OpenedModel, picture: Blob): Promise<Feeds> {
  const { preprocessing } = model.setup;
  const image = prepare(await decodeImage(picture), preprocessing);
  const batch = batchOf(model) ?? 1;
  const data = new Float32Array(batch * image.length);
  data.set(image);
  return { [model.inputs[0]?.name ?? ""]: { dtype: "float32", shape: [batch, ...preprocessing.input_size], data } };
}
