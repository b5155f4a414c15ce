// docs/data/zoos.json: the last result of every case, in the order of zoos-cases.mjs.

import { FAULT, LIMIT } from "./compare.mjs";
import { recorder } from "./results.mjs";
import { cases } from "./zoos-cases.mjs";

export const record = recorder("zoos.json", { limit: LIMIT, fault: FAULT }, cases);
