import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { cifar_resnet20 } from "../../dist/models/cifar-resnet.js";
import { buildModel, encodeToBytes } from "../../dist/src/index.js";
import { temporaryFolder } from "../cli/se-onnx.js";

const folder = await temporaryFolder();
const model = join(folder, "model.onnx");
beforeAll(async () => {
  await writeFile(model, await encodeToBytes(buildModel("cifar_resnet20", cifar_resnet20, {}).graph));
});

/** A process that starts a run which takes seconds, and does `then` a moment later. */
function whileRunning(
  then: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const script = `
    import { open } from ${JSON.stringify(new URL("../../dist/src/node.js", import.meta.url).href)};
    const model = await open(${JSON.stringify(model)});
    const shape = [1000, 3, 32, 32];
    const started = performance.now();
    let ended = false;
    const run = model.run({ input: { dtype: "float32", shape, data: new Float32Array(1000 * 3 * 32 * 32) } });
    const answer = run.then(() => "ran", (e) => e.message).finally(() => { ended = true; });
    setTimeout(async () => { if (ended) console.log("too late"); ${then} }, 100);
    console.log(await answer);
  `;
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", script], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

test("a process that ends while a model runs ends with its own exit code", async () => {
  expect(await whileRunning("process.exit(3);")).toEqual({ code: 3, stdout: "", stderr: "" });
});

test("a session that is closed while it runs refuses what waits, and the process ends well", async () => {
  expect(await whileRunning("await model.close(); console.log('closed');")).toEqual({
    code: 0,
    stdout: "the session is closed\nclosed\n",
    stderr: "",
  });
});
