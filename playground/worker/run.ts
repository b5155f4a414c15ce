import { UserError } from "../../src/graph/error.js";
import type { Preprocessing } from "../../src/graph/preprocessing.js";
import { type ActivationMap, activationMap } from "../../src/infer/activation-map.js";
import { classOutput } from "../../src/infer/classify.js";
import { type GateStatistics, gateTally } from "../../src/infer/gates.js";
import { classRows, type Prediction, predictions } from "../../src/infer/predict.js";
import type { Attempt, Feeds } from "../../src/infer/session.js";
import type { OpenedModel } from "../../src/infer/web/open.js";
import { threads } from "../threads.js";
import type { Progress } from "./answer.js";
import { type ObservedModel, openObserved } from "./observed.js";
import { feedsOf } from "./session.js";

/** A model of the page. */
export interface Model {
  /** Equal for equal files. */
  readonly id: number;
  readonly file: Blob;
}
export interface RunAsk {
  readonly model: Model;
  readonly device: string;
  readonly picture: Blob;
}
/** What a model makes of a picture. */
export interface Outcome {
  readonly provider: string;
  readonly fallback: boolean;
  readonly tried: readonly Attempt[];
  readonly threads: number;
  readonly predictions: readonly Prediction[];
  /** Whose names the classes have. */
  readonly names: "the file's" | "ImageNet's" | "none";
  /** The weights are random. */
  readonly random: boolean;
  readonly preprocessing: Preprocessing;
  /** In execution order; none where there is no block with a gate for each channel. */
  readonly gates: readonly GateStatistics[];
  /** One for each prediction, or a sentence that says why there is none. */
  readonly maps: readonly ActivationMap[] | string;
  /** Of the model alone; the first run on a device is longer. */
  readonly ms: number;
}

/** The model that ran last stays open, since opening one takes longer than running it. */
let last: { readonly id: number; readonly device: string; readonly model: ObservedModel } | null = null;

export async function run({ model, device, picture }: RunAsk, progress: Progress): Promise<Outcome> {
  const { opened, gates, classifier } = await openedFor(model, device, progress);
  progress({ what: "Preparing the photograph", share: null });
  const feeds = await feedsOf(opened, picture);
  progress({ what: `Running on ${opened.provider}`, share: null });
  const started = performance.now();
  const outputs = await opened.run(feeds);
  const ms = performance.now() - started;
  const { provider, fallback, tried, setup } = opened;
  const best = await classesIn(outputs, opened);
  const tally = gateTally(gates);
  if (gates.length) tally.add(outputs);
  return {
    ...{ provider, fallback, tried, ms, threads: threads(), ...best },
    random: setup.origin?.source === "random",
    preprocessing: setup.preprocessing,
    gates: gates.length ? tally.statistics() : [],
    maps:
      typeof classifier === "string"
        ? classifier
        : await Promise.all(best.predictions.map(({ index }) => activationMap(classifier, outputs, index))),
  };
}

async function openedFor({ id, file }: Model, device: string, progress: Progress): Promise<ObservedModel> {
  if (last?.id === id && last.device === device) return last.model;
  await last?.model.opened.close();
  last = null;
  progress({ what: `Opening the network on ${device}`, share: null });
  const model = await openObserved(file, device);
  last = { id, device, model };
  return model;
}

async function classesIn(outputs: Feeds, opened: OpenedModel): Promise<Pick<Outcome, "predictions" | "names">> {
  const name = classOutput(opened.outputs)?.name ?? "";
  const scores = outputs[name];
  const [row] = scores ? classRows(scores) : [];
  if (!row) throw new UserError(`the model gave no output '${name}': choose another model`);
  const { labels, names } = await labelsOf(opened, row.length);
  const { probabilities } = opened.setup;
  return { predictions: predictions(row, { topK: 5, probabilities, labels }), names };
}

/** A network with random weights has no names for its classes, whatever its file says. */
async function labelsOf(
  { setup: { labels, origin } }: OpenedModel,
  classes: number,
): Promise<Pick<Outcome, "names"> & { readonly labels: readonly string[] | null }> {
  if (origin?.source === "random") return { labels: null, names: "none" };
  if (labels) return { labels, names: "the file's" };
  if (classes !== 1000) return { labels: null, names: "none" };
  const { imagenetLabels } = await import("../../src/infer/imagenet.js");
  return { labels: imagenetLabels, names: "ImageNet's" };
}
