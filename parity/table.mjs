// Plain-text tables, one row at a time.

/**
 * @param {(readonly [title: string, width: number])[]} columns  the first is left-aligned, the others right-aligned
 * @returns {(...cells: (string | number)[]) => string}  a row; cells past the last column are appended as they are
 */
export function table(columns) {
  const row = (/** @type {(string | number)[]} */ ...cells) =>
    cells
      .map((cell, i) => {
        const width = columns[i]?.[1] ?? 0;
        return i === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
      })
      .join("  ")
      .trimEnd();
  console.log(row(...columns.map(([title]) => title)));
  console.log(columns.map(([, width]) => "-".repeat(width)).join("  "));
  return row;
}
