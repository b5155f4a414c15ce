// The built package, as those who run it have it.

import { squeezeExcite } from "../../dist/models/se-block.js";
import { conv2d } from "../../dist/src/graph/layers.js";
import { initialize } from "../../dist/src/graph/random.js";
import { Scope } from "../../dist/src/graph/scope.js";
import { f32, Graph } from "../../dist/src/index.js";

/** A convolution with its SE block, [1,3,8,8] to [1,16,8,8]: a kernel of each kind, since a software adapter takes seconds to compile those of a network. */
export function oneBlock(): Graph {
  const graph = new Graph("one block");
  const scope = new Scope(graph);
  const x = conv2d(graph.input("input", f32(1, 3, 8, 8)), scope.at("conv"), 16, { kernel: 3 });
  graph.output(squeezeExcite(x, scope.at("se"), { r: 4 }), "output");
  initialize(scope.parameters);
  return graph;
}
