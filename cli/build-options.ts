import { Option, type Command as Program } from "commander";
import { OPSETS } from "../src/export/versions.js";
import { targets } from "../src/graph/targets.js";
import { whole } from "./options.js";
import { defineSeOptions, type SeArguments } from "./se-plan.js";

/** As commander hands them over. */
export interface BuildArguments extends SeArguments {
  /** That of the weights unless given. */
  readonly backbone?: string;
  readonly weights?: string;
  readonly zoo?: string;
  readonly hash?: boolean;
  /** True unless given. */
  readonly strict?: boolean;
  readonly labelOffset?: number;
  readonly seed: number;
  readonly classes?: number;
  readonly inChans?: number;
  readonly inputSize?: number;
  readonly batch: number | "dynamic";
  readonly opset: number;
  readonly fold: boolean;
  readonly features?: readonly string[];
  readonly exposeGates?: boolean;
  readonly dtype?: "fp32" | "fp16";
  readonly ioNames?: "default" | "hf";
  readonly normalize?: boolean;
  readonly inputType?: "float32" | "uint8";
  readonly softmax?: boolean;
  readonly target?: string;
  readonly labels?: string;
  readonly externalData?: boolean;
  readonly dryRun?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ se-onnx build --backbone resnet50 --r 16
  $ se-onnx build --weights timm/seresnet50.ra2_in1k
  $ se-onnx build --weights se_resnet50-ce0d4300.pth --classes 10 -o start.onnx
  $ se-onnx build --weights torchvision/resnet50.v1 --r 16
  $ se-onnx build --backbone resnet50 --r 16 --target ort-cpu --batch 1
  $ se-onnx build --backbone vgg16_bn --se-where last --squeeze max
  $ se-onnx build --backbone resnet50 --classes 0 --features layer2,layer3 --expose-gates
  $ se-onnx build --backbone resnet50 --input-type uint8 --softmax
  $ se-onnx build --backbone mobilenet_v3_small --dtype fp16 --io-names hf -o mobilenet_v3_small/
  $ se-onnx build --backbone resnet18 --no-se --classes 10 --input-size 64 --json`;

/** The command `build` with its options and examples, and without what it does. */
export function defineBuild(program: Program): Program {
  const command = program
    .command("build")
    .description("Build a network with Squeeze-and-Excitation, check it and write it as .onnx")
    .option("--backbone <name>", "network to build (see: se-onnx list); weights tell their own");
  return defineSeOptions(command)
    .option(
      "--weights <source>",
      "a name (see: se-onnx list --weights), hf:owner/name[@revision][/file], a URL, or a file or folder: .safetensors, .pth, .npz, .onnx (default: seeded random weights)",
    )
    .option("--zoo <name>", "whose spelling of keys the weights have (default: told by the keys)")
    .option("--hash", "keep the SHA-256 of a file of weights in the model (that of a fetched one is kept in any case)")
    .option("--no-strict", "go on where weights are missing, misshapen or unexpected; what is missing is random")
    .option("--label-offset <n>", "leave out the first n classes of the weights", whole(0))
    .option("--seed <n>", "seed of random weights", whole(0), 0)
    .option("--classes <n>", "number of classes (default: the network's own); 0 ends at the embedding", whole(0))
    .option("--in-chans <n>", "channels of the input (default: 3)", whole())
    .option("--input-size <pixels>", "height and width of the input (default: the network's own)", whole())
    .option("--batch <n>", 'images at a time, or "dynamic"', (t) => (t === "dynamic" ? t : whole()(t)), "dynamic")
    .option("--features <list>", "feature maps for outputs, e.g. layer2,layer3; logits is a name too", (t) =>
      t.split(",").map((name) => name.trim()),
    )
    .option("--expose-gates", "every gate vector as an output of its own")
    .addOption(
      new Option("--dtype <type>", "what the network computes in; inputs and outputs stay float32")
        .choices(["fp32", "fp16"])
        .default("fp32"),
    )
    .addOption(
      new Option("--io-names <style>", "names of input and output; hf: pixel_values and logits")
        .choices(["default", "hf"])
        .default("default"),
    )
    .option("--normalize", "have the graph apply mean and std; its input takes values from 0 to 1")
    .addOption(
      new Option("--input-type <type>", "uint8: the input takes bytes [N,H,W,C], which the graph normalizes")
        .choices(["float32", "uint8"])
        .default("float32"),
    )
    .option("--softmax", 'have the graph end in a softmax; its output is called "probabilities"')
    .addOption(
      new Option("--target <name>", "what the file is to run on (default: any runtime)").choices(
        targets.map((t) => t.name),
      ),
    )
    .option("--opset <n>", `ONNX opset, ${OPSETS.min} to ${OPSETS.max}`, whole(), OPSETS.default)
    .option("--no-fold", "keep BatchNormalization instead of folding it into the convolutions")
    .option("--labels <file>", 'class names to store: a file with one a line or a JSON array, or "imagenet"')
    .option("--external-data", "tensors in a file of their own (always so above 2 GB)")
    .option("--dry-run", "build, count and check, but write nothing")
    .option(
      "-o, --output <file>",
      "file to write (default: from the options, as se_resnet50_r16.onnx); with --io-names hf a folder for transformers.js if it ends in /",
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES);
}
