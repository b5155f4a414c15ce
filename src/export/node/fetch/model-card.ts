/**
 * The licence in the front matter of a model card (the hub's page "Model Cards"): one name, several joined by commas, or for "other" the name that
 * is given to it. Null where there is none.
 */
export function licenceOf(card: string): string | null {
  const [, front] = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(card) ?? [];
  if (front === undefined) return null;
  const licence = field(front, "license");
  return licence === "other" ? (field(front, "license_name") ?? licence) : licence;
}

/** A field of YAML's plainest kinds: `key: a`, `key: [a, b]`, and lines of `- a` below `key:`. */
function field(front: string, key: string): string | null {
  const lines = front.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (at < 0) return null;
  const [first = "", ...below] = lines.slice(at);
  const inline = plain(first.slice(key.length + 1));
  const end = below.findIndex((line) => !/^\s*-\s/.test(line));
  const items = inline
    ? inline.replace(/^\[|\]$/g, "").split(",")
    : below.slice(0, end < 0 ? below.length : end).map((line) => line.replace(/^\s*-/, ""));
  return items.map(plain).filter(Boolean).join(", ") || null;
}
const plain = (value: string): string =>
  value
    .replace(/\s#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
