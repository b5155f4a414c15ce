import { answerBy, type Work } from "./worker/answer.js";
import { openFile } from "./worker/given-file.js";
import { buildFile, plan } from "./worker/network.js";
import { backbone, choices } from "./worker/registry.js";
import { run } from "./worker/run.js";
import { time } from "./worker/time.js";

/** All that the page leaves to this thread. */
export const work = { choices, backbone, plan, buildFile, openFile, run, time } satisfies Work;

answerBy(work);
