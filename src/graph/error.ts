/** What the caller gave cannot be used. The message is a sentence that names the thing and says what to do. */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** The member of `known` that has this name; throws a UserError with the nearest names where none has. */
export function choose<T extends { readonly name: string }>(what: string, name: string, known: readonly T[]): T {
  const found = known.find((k) => k.name === name);
  if (found) return found;
  const names = known.map((k) => k.name).sort((a, b) => distance(name, a) - distance(name, b));
  const shown = names.slice(0, 5).join(", ");
  throw new UserError(
    `there is no ${what} '${name}': choose ${names.length > 5 ? `one of ${names.length}, the nearest being ${shown}` : shown}`,
  );
}

/** Levenshtein's: the least number of letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
