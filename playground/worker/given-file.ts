import { type Imported, importWeights } from "../../models/zoos/import.js";
import { buildModel } from "../../src/build.js";
import { decode } from "../../src/export/decode.js";
import type { Checkpoint } from "../../src/export/weights/checkpoint.js";
import { readWeights } from "../../src/export/weights/read-weights.js";
import { UserError } from "../../src/graph/error.js";
import type { Graph } from "../../src/graph/graph.js";
import type { Ranged } from "../../src/graph/tensor.js";
import type { Progress } from "./answer.js";
import { fileOf } from "./file-of.js";
import { type ModelFacts, modelFacts } from "./model-facts.js";
import { countsOf } from "./network.js";
import { rangedBlob } from "./ranged-blob.js";

/** A file that the user gave, as a model to run. */
export interface GivenModel {
  /** The .onnx file: the one that was given, or the one that was built around its weights. */
  readonly file: Blob;
  readonly facts: ModelFacts;
  /** Sentences that say what was done with it. */
  readonly notes: readonly string[];
}
export interface GivenFile {
  readonly file: File;
  /** Taken where the keys and shapes of weights fit several networks. */
  readonly backbone: string;
}

/** Opens an .onnx file, or a checkpoint whose network is told by its keys and shapes. */
export async function openFile({ file, backbone }: GivenFile, progress: Progress): Promise<GivenModel> {
  const source = rangedBlob(file, `'${file.name}'`);
  if (!source.byteLength) throw new UserError(`'${file.name}' is empty: choose another file`);
  if (/\.onnx$/i.test(file.name)) return { file, facts: modelFacts(await network(source, file.name)), notes: [] };
  return fromWeights(source, file.name, backbone, progress);
}

async function network(source: Ranged, name: string): Promise<Graph> {
  try {
    return await decode(source);
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    throw new UserError(
      `'${name}' cannot be read as an ONNX model: choose another file, or fetch it again (${e.message})`,
    );
  }
}

async function fromWeights(source: Ranged, name: string, backbone: string, progress: Progress): Promise<GivenModel> {
  progress({ what: "Reading the weights", share: null });
  const checkpoint = await readWeights(source, name);
  const { imported, note } = await recognise(checkpoint, backbone);
  const built = buildModel(imported.backbone.name, imported.architecture, {
    weights: imported,
    origin: { source: "file", name, zoo: imported.zoo },
  });
  return {
    facts: { ...modelFacts(built.graph), ...countsOf(built) },
    file: await fileOf(built.graph, progress),
    notes: [
      ...checkpoint.notes,
      ...note,
      "the file does not say how its network wants pictures, which are prepared as torchvision does for ImageNet",
    ],
  };
}

/** The network of the checkpoint; where several have its keys and shapes, the one chosen in the form. */
async function recognise(
  checkpoint: Checkpoint,
  backbone: string,
): Promise<{ readonly imported: Imported; readonly note: readonly string[] }> {
  try {
    return { imported: await importWeights(checkpoint, { hint: checkpoint.name }), note: [] };
  } catch (e) {
    if (!(e instanceof UserError) || !/ fits several networks, /.test(e.message)) throw e;
    const several = e.message.replace(/: say which.*/, "");
    if (!several.includes(backbone))
      throw new UserError(`${several}: choose the right one as backbone above, and then the file again`);
    const note = [`${several}; it was taken as ${backbone}, which is chosen above`];
    return { imported: await importWeights(checkpoint, { backbone, hint: checkpoint.name }), note };
  }
}
