// The cases of the zoos one after the other: a row of a table for each, and its result in docs/data/zoos.json.

import { inFolder } from "./folder.mjs";
import { sentence } from "./product.mjs";
import { table } from "./table.mjs";
import { importAndCompare } from "./zoos-import.mjs";
import { record } from "./zoos-results.mjs";

/**
 * Prints and records the results of some cases; gives those of each and of its deliberate faults.
 * @param {import("./zoos-cases.mjs").ZooCase[]} chosen
 * @returns {Promise<{passed: boolean}[]>}
 */
export async function compareZoos(chosen) {
  console.log("\nCheckpoints as their packages save them, imported by `se-onnx build --weights FILE`\n");
  const row = table([
    ["package and network", Math.max(20, ...chosen.map(({ name }) => name.length))],
    ["container", 11],
    ["dtype", 5],
    ["sizes", 7],
    ["error", 7],
    ["least fault", 11],
    ["seconds", 7],
    ["zoo found", 17],
    ["backbone found", 24],
  ]);
  const results = [];
  for (const of of chosen) {
    const { name, container, dtype = "F32", wrapper, prefix, sizes } = of;
    const saved = { container, dtype, ...(wrapper && { wrapper }), ...(prefix && { prefix }), sizes };
    const start = performance.now();
    try {
      const found = await inFolder((folder) => importAndCompare(of, folder));
      const seconds = (performance.now() - start) / 1000;
      const error = Math.max(...found.errors.map((e) => e.error));
      const faults = found.mutations.map((m) => m.error);
      const least = faults.length > 0 ? Math.min(...faults).toExponential(1) : "";
      const cells = [container, dtype, sizes.join(" "), error.toExponential(1), least, seconds.toFixed(1)];
      const failures = found.problems.map((problem) => `FAILED: ${problem}`);
      console.log(row(name, ...cells, found.zoo, found.backbone, ...failures));
      const passed = found.problems.length === 0;
      results.push({ passed }, ...found.mutations);
      await record({ name, passed, ...saved, error, seconds, ...found });
    } catch (error) {
      const problem = sentence(error).replaceAll(/\S*se-onnx-\w+\//g, ""); // the folder of this time
      console.log(row(name, container, dtype, sizes.join(" "), `FAILED: ${problem}`));
      results.push({ passed: false });
      await record({ name, passed: false, ...saved, problems: [problem] });
    }
  }
  return results;
}
