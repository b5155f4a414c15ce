import { buildModel } from "se-onnx";
import { cifar_resnet20 } from "se-onnx/models/cifar-resnet";
import { open } from "se-onnx/web";

const status = document.querySelector("#status");
const input = document.querySelector("input");

async function start() {
  // SE-ResNet-20 with random weights, built in the page; for a file: open("model.onnx", …)
  const { graph } = buildModel("cifar_resnet20", cifar_resnet20);
  const model = await open(graph, { device: ["webgpu", "wasm"] });
  status.textContent = `ready on ${model.provider}`;
  input.disabled = false;
  input.addEventListener("change", () => show(model, input.files[0]).catch(explain));
}

async function show(model, picture) {
  const { predictions } = await model.classify(picture, { topK: 5 });
  const lines = predictions.map(
    ({ index, label, score }) => `${label ?? `class ${index}`}: ${(100 * score).toFixed(1)}%`,
  );
  document
    .querySelector("ol")
    .replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

/** What se-onnx throws says in one sentence what to do. */
function explain(error) {
  status.textContent = error.message;
}

start().catch(explain);
