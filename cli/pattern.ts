/** Shell-like: * stands for anything; a pattern without it may match anywhere. */
export function matches(name: string, pattern = "*"): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(pattern.includes("*") ? `^${source}$` : source).test(name);
}
