/** 28071976 -> "28,071,976". */
export const count = (n: number | null): string => (n === null ? "unknown" : `${n}`.replace(/\B(?=(\d{3})+$)/g, ","));

/** 112345678 -> "107.1 MiB". */
export function bytes(n: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  const power = Math.min(units.length - 1, n < 1024 ? 0 : Math.floor(Math.log2(n) / 10));
  return power ? `${(n / 1024 ** power).toFixed(1)} ${units[power]}` : `${n} bytes`;
}

/** Rows as aligned columns; numbers (as strings of digits) to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0))) ?? [];
  const cell = (text: string, i: number): string =>
    /^[-\d.,%]+( \S+)?$/.test(text) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((r) => r.map(cell).join("  ").trimEnd()).join("\n");
}
