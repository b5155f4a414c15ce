import { backbones } from "../index.js";
import { asTheyAre, type Zoo } from "./zoo.js";

/** Our own spelling, which any network may have. */
export const own: Zoo = {
  name: "se-onnx",
  marks: () => true,
  spelling: asTheyAre,
  backbones: () => [backbones.map(({ name }) => name)],
};
