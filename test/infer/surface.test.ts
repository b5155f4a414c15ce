import { expect, expectTypeOf, test } from "vitest";
import type * as Node from "../../src/node.js";
import * as node from "../../src/node.js";
import type * as Web from "../../src/web.js";
import * as web from "../../src/web.js";

/** Compiles where `A` can stand for `B`. */
type Fits<A extends B, B> = A;
/** What is done with the card's memory: Node's runtime gives none. */
const CARD = ["gpuTensor", "openOnGpu"] as const;
/** What else a page has, Node has by the same name and with the same meaning: `npm run types` checks these. */
type Surface = [
  Fits<Exclude<keyof typeof Web, (typeof CARD)[number]>, keyof typeof Node>,
  Fits<Omit<Node.OpenedModel, "classify">, Omit<Web.OpenedModel, "classify">>,
  Fits<Omit<Web.OpenOptions, "externalData">, Node.OpenOptions>,
  Fits<Uint8Array | string, Node.ModelSource & Web.ModelSource>,
  Fits<string | Web.Pixels, Node.ImageSource & Web.ImageSource>,
  Fits<ReturnType<typeof Node.gates>, ReturnType<typeof Web.gates>>,
  Fits<ReturnType<typeof Node.cam>, ReturnType<typeof Web.cam>>,
  Fits<Parameters<typeof Node.prepare>, Parameters<typeof Web.prepare>>,
];

test("what se-onnx/web exports, se-onnx/node has too, but for the card's memory", () => {
  expectTypeOf<Surface>().toBeArray();
  const names = Object.keys(web).filter((name) => !CARD.some((own) => own === name));
  expect(names.length).toBe(Object.keys(web).length - CARD.length);
  expect(names).toEqual(expect.arrayContaining(["cam", "decodeImage", "gates", "open", "prepare"]));
  expect(Object.keys(node)).toEqual(expect.arrayContaining(names));
});
