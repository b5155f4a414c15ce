import { UserError } from "../graph/error.js";

/** How folders stand for classes. */
export interface ClassFolders {
  /** A sentence's part: "named as the classes are". */
  readonly rule: string;
  /** The class, counted from 0, of each folder. */
  readonly classOf: ReadonlyMap<string, number>;
}

/** The number of WordNet's synset, as ImageNet's folders are called. */
const WORDNET_ID = /\bn\d{8}\b/;

/**
 * Which class each folder stands for, by the first rule that fits all of them: their names are the labels (case, and blanks, _ and - being alike), or
 * one of a label's words between commas; the WordNet ids in the labels; the classes' indices; or there is one for each class, and they are sorted as
 * torchvision's ImageFolder sorts them. `classes`: how many there are, null where that is not known. Throws a UserError where none fits.
 */
export function matchFolders(
  folders: readonly string[],
  labels: readonly string[] | null,
  classes: number | null,
): ClassFolders {
  const byLabel = labels && (byName(folders, labels, (l) => [plain(l)]) ?? byName(folders, labels, words));
  if (byLabel) return { rule: "named as the classes are", classOf: byLabel };
  const byId = labels && byName(folders, labels, (label) => WORDNET_ID.exec(label) ?? []);
  if (byId) return { rule: "named by the WordNet ids of the classes", classOf: byId };
  const indices = folders.map((name) => (/^\d+$/.test(name) ? Number(name) : Number.NaN));
  const known = indices.every((i) => i < (classes ?? Number.POSITIVE_INFINITY));
  if (known && new Set(indices).size === folders.length)
    return { rule: "named by the indices of the classes", classOf: zip(folders, indices) };
  if (folders.length === classes)
    return {
      rule: "sorted, one for each class, as torchvision's ImageFolder does",
      classOf: zip(
        folders.toSorted(byCodePoints),
        folders.map((_, i) => i),
      ),
    };
  throw new UserError(refusal(folders, labels, classes));
}

/** Null unless every folder is the name of just one class, and no two of the same. */
function byName(
  folders: readonly string[],
  labels: readonly string[],
  namesOf: (label: string) => readonly string[],
): ReadonlyMap<string, number> | null {
  const indices = new Map<string, number | null>();
  for (const [index, label] of labels.entries())
    for (const name of new Set(namesOf(label))) indices.set(name, indices.has(name) ? null : index);
  const found = folders.map((folder) => indices.get(folder) ?? indices.get(plain(folder)) ?? null);
  if (new Set(found).size < folders.length || found.includes(null)) return null;
  return zip(folders, found as readonly number[]); // none is null
}
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_-]+/g, " ")
    .trim();
const words = (label: string): readonly string[] => label.split(",").map(plain);

const zip = (names: readonly string[], indices: readonly number[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, i) => [name, indices[i] ?? Number.NaN]));

/** As Python sorts strings. */
function byCodePoints(a: string, b: string): number {
  const [p, q] = [Array.from(a), Array.from(b)];
  const at = p.findIndex((c, i) => c !== q[i]);
  if (at < 0) return p.length - q.length;
  return (p[at]?.codePointAt(0) ?? -1) - (q[at]?.codePointAt(0) ?? -1);
}

function refusal(folders: readonly string[], labels: readonly string[] | null, classes: number | null): string {
  const names = new Set(labels?.flatMap((l) => [plain(l), ...words(l)]));
  const [stranger = "", ...others] = folders.filter((folder) => !names.has(plain(folder)));
  const shown = labels
    ? `'${stranger}'${others.length ? ` and ${others.length} more` : ""} no class's name`
    : "the model has no class names";
  return `${folders.length} class folders cannot be told apart by a model of ${classes ?? "an unknown number of"} classes: ${shown}, and they are neither indices nor as many as the classes; rename them, or give the names with --labels FILE`;
}
