import { build } from "./build.js";
import { check } from "./check.js";
import type { Command } from "./command.js";
import { compare } from "./compare.js";
import { demo } from "./demo.js";
import { info } from "./info.js";
import { list } from "./list.js";
import { run } from "./run.js";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [build, list, info, run, compare, check, demo];
