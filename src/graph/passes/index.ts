import type { Pass } from "../pass.js";
import { convertFloat16 } from "./convert-float16.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { removeDeadCode } from "./remove-dead-code.js";
import { removeIdentity } from "./remove-identity.js";

/** What every built network goes through, in the order in which the passes help each other; targets.ts has those for files of other makers. */
export const passes: readonly Pass[] = [removeIdentity, foldBatchNorm, removeDeadCode];

/** Passes that change the numbers within what they say, for those who ask for them; they come last. */
export const conversions: readonly Pass[] = [convertFloat16];
