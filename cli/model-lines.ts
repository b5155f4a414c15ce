import type { WeightsOrigin } from "../src/export/metadata.js";
import { readMetadata } from "../src/export/metadata.js";
import type { Graph } from "../src/graph/graph.js";

/** "timm/seresnet50.ra2_in1k, Apache-2.0, https://…": where weights come from. */
export function originLine(origin: WeightsOrigin): string {
  if (origin.source === "random") return `random (seed ${origin.seed})`;
  const { name, url, licence } = origin;
  return [name === url ? null : name, licence ?? (url ? "licence not known" : null), url].filter(Boolean).join(", ");
}

/** "shorter side to 256, bicubic, centre 224x224; mean 0.485 0.456 0.406, std 0.229 0.224 0.225": what the images of a graph go through. */
export function imageLine(graph: Graph): string | null {
  const { preprocessing, normalization } = readMetadata(graph);
  if (!preprocessing) return null;
  const {
    input_size: [, height, width],
    crop_pct,
    interpolation,
  } = preprocessing;
  const side = Math.floor(Math.min(height, width) / crop_pct);
  const { mean, std } = normalization ?? preprocessing;
  const type = graph.inputs[0]?.type;
  const fed = type?.kind === "tensor" && type.dtype === "uint8" ? "bytes" : "values from 0 to 1";
  return `shorter side to ${side}, ${interpolation}, centre ${height}x${width}; ${normalization ? `${fed}, to which the graph applies ` : ""}mean ${mean.join(" ")}, std ${std.join(" ")}`;
}
