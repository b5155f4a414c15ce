import { expect, test } from "vitest";
import { matchFolders } from "../../src/infer/class-folders.js";

const LABELS = ["tench, Tinca tinca", "great white shark", "crane", "crane"];
const indices = (folders: readonly string[], labels: readonly string[] | null, classes: number | null) => {
  const { rule, classOf } = matchFolders(folders, labels, classes);
  return [rule.split(",")[0], folders.map((f) => classOf.get(f))];
};

test.each([
  [["Great_White-Shark", "tench, Tinca tinca"], LABELS, 4, "named as the classes are", [1, 0]],
  [["great white shark", "tinca_tinca"], LABELS, 4, "named as the classes are", [1, 0]],
  [["n01484850"], ["n01440764 tench", "n01484850"], 2, "named as the classes are", [1]],
  [
    ["n01440764", "n01484850"],
    ["n01440764 tench", "n01484850 shark"],
    2,
    "named by the WordNet ids of the classes",
    [0, 1],
  ],
  [["10", "2", "0"], null, 11, "named by the indices of the classes", [10, 2, 0]],
  [["007", "03"], LABELS, null, "named by the indices of the classes", [7, 3]],
  [["b", "a", "B", "\u{1f600}", "\uffee"], null, 5, "sorted", [2, 1, 0, 4, 3]],
  [["1", "2", "10"], null, 3, "sorted", [0, 2, 1]],
] as const)("%j are folders of %j of %j classes: %s", (folders, labels, classes, rule, expected) => {
  expect(indices(folders, labels, classes)).toEqual([rule, expected]);
});

test.each([
  [["crane"], LABELS, 4],
  [["tench", "Tinca tinca"], LABELS, 4],
  [["3", "03"], null, 5],
  [["4"], null, 4],
  [["cat", "dog"], null, 3],
])("%j are none of %j", (folders, labels, classes) => {
  expect(() => matchFolders(folders, labels, classes)).toThrow(
    /cannot be told apart by a model of \d classes: .*--labels FILE$/,
  );
});
