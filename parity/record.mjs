// docs/data/parity.json: the last result of every case, in the order of cases.mjs.

import { cases } from "./cases.mjs";
import { FAULT, LIMIT } from "./compare.mjs";
import { recorder } from "./results.mjs";

export const record = recorder("parity.json", { limit: LIMIT, fault: FAULT }, cases);
