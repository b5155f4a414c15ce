export interface Example {
  readonly i: number;
  readonly code: string;
}
/** The blocks of a page that are in one language. */
export const examplesIn = (page: string, language: string): readonly Example[] =>
  Array.from(
    page.matchAll(new RegExp(`\`\`\`${language}\\n([^\`]*(?:\`[^\`]+\`[^\`]*)*?)\`\`\``, "g")),
    ([, code = ""], i) => ({ i, code }),
  );

/** What the comments behind and below `console.log` say that it prints. */
export function promised(code: string): string {
  const lines = Array.from(code.matchAll(/console\.log\(.*\);(?: \/\/ (.*))?\n(?:\/\/ (.*)\n)?/g));
  return lines.map(([, beside, below]) => `${beside ?? below}\n`).join("");
}
