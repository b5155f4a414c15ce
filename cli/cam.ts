import { extname } from "node:path";
import { writeBytes } from "../src/export/node/file.js";
import { UserError } from "../src/graph/error.js";
import type { ClassActivation } from "../src/infer/cam.js";
import { encodePng } from "../src/infer/node/encode-png.js";
import { cam as camOf } from "../src/infer/node/observe.js";
import { encodeNpy } from "../src/infer/npy.js";
import type { Command } from "./command.js";
import { readLabels } from "./labels.js";
import { size, threads } from "./options.js";

interface CamArguments {
  readonly output: string;
  readonly class?: string;
  readonly labels?: string;
  readonly map?: string;
  readonly device: string;
  readonly threads?: number;
  readonly inputSize?: readonly [height: number, width: number];
  readonly json?: boolean;
}

export const cam: Command = {
  define(program, io) {
    program
      .command("cam <model> <image>")
      .description(
        "Show where in a picture a network sees a class: its class activation map, in colours over the picture",
      )
      .requiredOption("-o, --output <file.png>", "where to write the picture")
      .option(
        "--class <class>",
        "number of the class, counted from 0, or its name (default: the one that the network sees first)",
      )
      .option(
        "--labels <file>",
        'class names: a file with one a line or a JSON array, or "imagenet" (default: the model\'s own)',
      )
      .option("--map <file.npy>", "write the map itself too, float32 [height,width]")
      .option("--device <list>", "where to run, as for run", "cpu")
      .option("--threads <n>", "threads of the runtime (default: its own choice)", threads)
      .option("--input-size <HxW>", "size of the model's images, where it leaves that open", size)
      .option("--json", "print one JSON object, with the map")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx cam seresnet50.onnx cat.jpg -o cam.png\n  $ se-onnx cam seresnet50.onnx cat.jpg -o cam.png --class 281 --map map.npy",
      )
      .action(async (model: string, image: string, args: CamArguments) => {
        const { output, map: mapFile, json, class: asked, labels: labelFile, ...options } = args;
        requireEnding("--output", output, ".png");
        if (mapFile !== undefined) requireEnding("--map", mapFile, ".npy");
        const labels = labelFile === undefined ? undefined : await readLabels(labelFile);
        const chosen = asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : asked;
        const seen = await camOf(model, image, { ...options, class: chosen, labels, signal: io.signal });
        const png = await encodePng(seen.image);
        io.signal.throwIfAborted();
        const { height, width, data } = seen.map;
        if (mapFile) await writeBytes(mapFile, encodeNpy({ dtype: "float32", shape: [height, width], data }));
        await writeBytes(output, png);
        io.out(json ? JSON.stringify(camJson(seen, output, image)) : camLines(seen, output));
      });
  },
};

function requireEnding(option: string, path: string, ending: string): void {
  if (extname(path).toLowerCase() !== ending) throw new UserError(`${option} '${path}' must end in ${ending}`);
}

function camJson({ device, label, score, map, region }: ClassActivation, file: string, image: string): object {
  const { index, logit, bias, height, width, data } = map;
  const rows = Array.from({ length: height }, (_, y) => Array.from(data.subarray(y * width, (y + 1) * width)));
  return { file, image, device, class: index, label, score, logit, bias, region, map: rows };
}

function camLines({ label, score, map, region }: ClassActivation, file: string): string {
  const { index, logit, height, width } = map;
  const sides = [region.left, region.top, region.left + region.width, region.top + region.height].map(Math.round);
  return [
    `class ${index}${label === null ? "" : ` (${label})`}: ${(100 * score).toFixed(2)}%, logit ${logit.toFixed(3)}`,
    `map ${height}x${width}, over x ${sides[0]} to ${sides[2]}, y ${sides[1]} to ${sides[3]} of the picture, which is what the network saw`,
    `wrote ${file}`,
  ].join("\n");
}
