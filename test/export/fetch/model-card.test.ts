import { expect, test } from "vitest";
import { licenceOf } from "../../../src/export/node/fetch/model-card.js";

test.each([
  ["---\nlicense: apache-2.0\n---\n", "apache-2.0"],
  ["\uFEFF---\r\ntags:\r\n- a\r\nlicense: 'mit' # as given\r\n---\r\n", "mit"],
  ["---\nlicense:\n- mit\n- cc-by-4.0\ntags:\n- x\n---\n", "mit, cc-by-4.0"],
  ['---\nlicense: [mit, "bsd-3-clause"]\n---\n', "mit, bsd-3-clause"],
  ["---\nlicense: other\nlicense_name: llama\n---\n", "llama"],
  ["---\nlicense: other\n---\n", "other"],
  ["---\nlicense:\n---\n", null],
  ["---\nlicense_name: x\n---\n", null],
  ["---\ntags: [a]\n---\nlicense: mit\n", null],
  ["license: mit\n", null],
])("%j is under %s", (card, licence) => {
  expect(licenceOf(card)).toBe(licence);
});
