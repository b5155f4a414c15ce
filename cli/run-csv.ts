import type { Prediction } from "../src/infer/predict.js";
import type { ResultFormat } from "./run-result.js";

const PER_CLASS = ["index", "label", "score"] as const;

/** Comma-separated values (RFC 4180), a picture a line: file, model, error, then index, label and score of each of its classes. */
export function csvFormat(topK: number): ResultFormat {
  const columns = Array.from({ length: topK }, (_, i) => PER_CLASS.map((name) => `${name}_${i + 1}`)).flat();
  return {
    header: `${["file", "model", "error", ...columns].join(",")}\n`,
    start: "",
    line({ file, model = "", error = "", predictions = [] }) {
      const cells = predictions.flatMap(({ index, label, score }: Prediction) => [index, label ?? "", score]);
      const missing = columns.length - cells.length;
      return `${[file, model, error, ...cells, ...Array.from({ length: missing }, () => "")].map(quoted).join(",")}\n`;
    },
    parse(line) {
      const [file, model, error, ...cells] = fields(line);
      if (file === undefined || model === undefined || error === undefined || cells.length !== columns.length)
        return null;
      return { file, model, ...(error ? { error } : {}) };
    },
    ends: (text) => (text.match(/"/g)?.length ?? 0) % 2 === 0, // a line break within quotes is part of a file's name
  };
}

function quoted(value: string | number): string {
  const text = `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function fields(line: string): readonly string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))(?=,|$)/g), ([, inQuotes, plain]) =>
    inQuotes === undefined ? (plain ?? "") : inQuotes.replaceAll('""', '"'),
  );
}
