import { decode } from "../../export/decode.js";
import { Graph } from "../../graph/graph.js";
import { type CamOptions, type ClassActivation, camOn } from "../cam.js";
import { type ClassedImage, type GateReport, type GatesOptions, gatesOn } from "../image-gates.js";
import type { ObserveOptions, Platform } from "../observe.js";
import { preparerHere } from "../preparer.js";
import { type ImageSource, pixelsOf } from "./image-source.js";
import { loadModel, type ModelSource } from "./model-source.js";
import type { OpenOptions } from "./open.js";
import { providers } from "./providers/index.js";

type External = Pick<OpenOptions, "externalData">;

const page: Platform<ModelSource, ImageSource, ObserveOptions & External> = {
  providers,
  device: "wasm",
  async load(model, { externalData = [] }) {
    const { graph, bytes } = await loadModel(model, externalData);
    return { graph: model instanceof Graph ? await decode(bytes) : graph, close: async () => {} }; // a graph that is given stays as it is
  },
  preparer: (input) => preparerHere(input, pixelsOf),
  pixelsOf,
};

/** `gatesOn` in a page. */
export const gates = (
  model: ModelSource,
  images: Iterable<ImageSource | ClassedImage<ImageSource>> | AsyncIterable<ImageSource | ClassedImage<ImageSource>>,
  options: GatesOptions & External = {},
): Promise<GateReport> => gatesOn(page, model, images, options);

/** `camOn` in a page. */
export const cam = (
  model: ModelSource,
  picture: ImageSource,
  options: CamOptions & External = {},
): Promise<ClassActivation> => camOn(page, model, picture, options);
