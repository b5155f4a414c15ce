import type { Pass } from "../pass.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { removeDeadCode } from "./remove-dead-code.js";
import { removeIdentity } from "./remove-identity.js";

/** Every pass, in the order in which they help each other. */
export const passes: readonly Pass[] = [removeIdentity, foldBatchNorm, removeDeadCode];
