import { describe, expect, test } from "vitest";
import { type ClassGates, type GateStatistics, spread } from "../../src/infer/gates.js";
import { drawGates, MOST_CLASSES } from "../../src/infer/gates-chart.js";

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The elements of an SVG file; throws where its tags do not close each other. */
function parse(svg: string): readonly Element[] {
  const open: string[] = [];
  const found: Element[] = [];
  const outside = svg.replaceAll(
    /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>([^<]*)/g,
    (_, end: string, tag: string, attributes: string, empty: string, text: string) => {
      if (end) expect(open.pop()).toBe(tag);
      else {
        const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
          name,
          value,
        ]);
        found.push({ tag, attributes: Object.fromEntries(pairs), text: text.trim() });
        if (!empty) open.push(tag);
      }
      return "";
    },
  );
  expect(open).toEqual([]);
  expect(outside.trim()).toBe("");
  return found;
}

const gatesOf = (channels: number, seed: number): readonly number[] =>
  Array.from({ length: channels }, (_, c) => 0.5 + 0.5 * Math.sin(seed * 7 + c * (1 + seed)));
function block(name: string, channels: number, classes: number): GateStatistics {
  const own = Array.from({ length: classes }, (_, i): ClassGates => {
    const gates = gatesOf(channels, i + 1);
    return { name: `class ${i}`, images: 1, ...spread(gates), gates };
  });
  const gates = gatesOf(channels, 0);
  return { name, channels, ...spread(gates), gates, classes: own, classStd: null };
}
const blocks = (count: number, channels: number, classes = 0) =>
  Array.from({ length: count }, (_, i) => block(`layer${i}.se`, channels, classes));
const texts = (svg: string): readonly string[] => parse(svg).flatMap(({ tag, text }) => (tag === "text" ? [text] : []));
/** Lines of gates: paths with at least as many places as channels, within an area that is cut out. */
const lines = (svg: string, places: number): readonly Element[] =>
  parse(svg).filter(
    ({ tag, attributes }) =>
      tag === "path" &&
      attributes.fill === "none" &&
      (attributes.d?.match(/[ML ]-?[\d.]+ -?[\d.]+|[A-Z]/g)?.length ?? 0) >= places,
  );

describe("a drawing of gates", () => {
  test("has a panel for each block and a line for each class", () => {
    const svg = drawGates(blocks(4, 24, 3), "Gates of m.onnx");
    const [root] = parse(svg);
    expect(root).toMatchObject({ tag: "svg", attributes: { role: "img", "aria-label": "Gates of m.onnx" } });
    for (const text of ["Gates of m.onnx", "layer0.se", "layer3.se", "all", "class 0", "class 2"])
      expect(texts(svg)).toContain(text);
    const drawn = lines(svg, 20);
    expect(drawn).toHaveLength(4 * 4);
    expect(new Set(drawn.map(({ attributes }) => attributes.stroke)).size).toBe(4);
  });

  test("draws each gate where it belongs", () => {
    const gates = [0, 1, 0.25];
    const svg = drawGates([{ name: "se", channels: 3, ...spread(gates), gates, classes: [], classStd: null }], "t");
    const [line] = parse(svg).filter(({ tag, attributes }) => tag === "path" && attributes.stroke === "#0072b2");
    const points = [...(line?.attributes.d ?? "").matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    const [first, second, third] = points as [number[], number[], number[]];
    expect(points).toHaveLength(3);
    expect(second[0]! - first[0]!).toBeCloseTo(third[0]! - second[0]!, 0);
    expect((first[1]! - third[1]!) / (first[1]! - second[1]!)).toBeCloseTo(0.25, 1); // upwards, from 0 to 1
  });

  test("is the same text for the same gates", () => {
    const [a, b] = [0, 1].map(() => drawGates(blocks(3, 40, 2), "t"));
    expect(a).toBe(b);
  });

  test.each([1, 2, 16, 50, 55])("of %i blocks keeps its panels apart", (count) => {
    const svg = drawGates(blocks(count, 8), "t");
    const { width, height } = parse(svg)[0]!.attributes;
    const titles = parse(svg).filter(({ tag, text }) => tag === "text" && text.startsWith("layer"));
    expect(titles).toHaveLength(count);
    const places = titles.map(({ attributes }) => attributes.transform ?? `${attributes.x} ${attributes.y}`);
    expect(new Set(places).size).toBe(count);
    for (const place of places) {
      const [x = 0, y = 0] = (place.match(/[\d.]+/g) ?? []).map(Number);
      expect(x).toBeLessThan(Number(width) - 150);
      expect(y).toBeLessThan(Number(height) - 100);
    }
  });

  test("of many channels stays small and keeps its peaks", () => {
    const wide = block("se", 2048, 0);
    const peak = { ...wide, gates: wide.gates.map((_, c) => (c === 1001 ? 1 : 0.1)) };
    const [flat, one] = [drawGates([{ ...peak, gates: peak.gates.map(() => 0.1) }], "t"), drawGates([peak], "t")];
    expect(one.length).toBeLessThan(12_000);
    const lowest = (svg: string) =>
      Math.min(
        ...[...(lines(svg, 20).at(-1)?.attributes.d ?? "").matchAll(/[\d.]+ ([\d.]+)/g)].map((m) => Number(m[1])),
      );
    expect(lowest(flat) - lowest(one)).toBeGreaterThan(100);
  });

  test("draws ten classes and says how many it leaves out", () => {
    const svg = drawGates(blocks(1, 24, MOST_CLASSES + 5), "t");
    expect(lines(svg, 20)).toHaveLength(1 + MOST_CLASSES);
    expect(texts(svg)).toContain("gate (mean over images), by channel; 5 more classes are not drawn");
  });

  test("has room for gates beyond 0 to 1, and for names with marks", () => {
    const gates = [-0.95, 2.31];
    const svg = drawGates(
      [{ name: 'a<b>&"c', channels: 2, ...spread(gates), gates, classes: [], classStd: null }],
      'x "<&>"',
    );
    expect(texts(svg)).toContain("a&lt;b&gt;&amp;&quot;c");
    expect(texts(svg).map(Number)).toEqual(expect.arrayContaining([-1, 2.4]));
  });
});
