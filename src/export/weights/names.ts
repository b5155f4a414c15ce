/** Longer names are cut in errors. */
const LONGEST = 120;

/**
 * A name out of a file as an error shows it: in quotes, cut where it is long, and with control characters spelled out, so that it cannot
 * move a terminal's cursor or look like a line of its own.
 */
export function quoted(name: string): string {
  const shown = name.slice(0, LONGEST).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, spelled);
  return `'${shown}${name.length > LONGEST ? "..." : ""}'`;
}
const spelled = (c: string): string => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/**
 * Whether the name of an archive's file would lead out of the folder that the archive is unpacked into. Nothing is unpacked here, but no honest
 * archive has such a name.
 */
export const leadsOut = (name: string): boolean =>
  /^[/\\]|^[A-Za-z]:|\0/.test(name) || name.split(/[/\\]/).includes("..");
