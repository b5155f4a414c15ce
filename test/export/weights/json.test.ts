import { expect, test } from "vitest";
import { parseJson } from "../../../src/export/weights/json.js";
import { leadsOut, quoted } from "../../../src/export/weights/names.js";
import { refusal } from "./files.js";
import { latin1 } from "./hostile/attack.js";

const LIMITS = { depth: 2, items: 3 };
const parse = (text: string): unknown => parseJson(new TextEncoder().encode(text), LIMITS, "x.json", 8);
const refused = (text: string): Promise<string> => refusal(async () => parse(text));

test("JSON within its limits is read as JSON.parse reads it", () => {
  for (const text of [
    '{"a": [1, 2, 3], "b": "[[[{", "\\"c\\\\": {"a": -1.5e3}}',
    ' [null,true,"\\u00e9"] ',
    "7",
    '"\\""',
    "{}",
  ])
    expect(parse(text)).toEqual(JSON.parse(text));
  expect(Object.keys(parse('{"__proto__": 1}') as object)).toEqual(["__proto__"]);
});
test("what is no JSON, or not UTF-8, is null", () => {
  for (const text of ["", "{", "}", '{"a"}', '{"a', '"\\', "{'a': 1}", '{"a": 1,}', "]][[", ":", '{"a\\": 1}'])
    expect(parse(text), text).toBeNull();
  expect(parseJson(latin1('"\xff"'), LIMITS, "x.json")).toBeNull();
});
test("a limit that is passed is named with its byte, and so is a key that stands twice in one object", async () => {
  expect(await refused('{"a": [[]]}')).toBe("x.json: more than 2 objects and lists inside one another at byte 15");
  expect(await refused("[1, 2, 3, 4]")).toBe("x.json: more than 3 members of one object or list at byte 16");
  expect(await refused('{"a": 1, "b": 2, "a": 3}')).toBe("x.json: a second key 'a' at byte 25");
  expect(await refused('{"a": 1, "\\u0061" : 3}')).toBe("x.json: a second key 'a' at byte 17");
  expect(parse('{"a": {"a": 1}, "b": {"a": 1}}')).toEqual({ a: { a: 1 }, b: { a: 1 } });
});

test("a name in an error is one line of a terminal, and no longer than that", () => {
  expect(quoted("layer1.0.conv1.weight")).toBe("'layer1.0.conv1.weight'");
  expect(quoted("\x1b[2J\u202e\n\0\u2028é")).toBe("'\\u001b[2J\\u202e\\u000a\\u0000\\u2028é'");
  expect(quoted("a".repeat(1e6))).toBe(`'${"a".repeat(120)}...'`);
});
test("names that lead out of an archive", () => {
  for (const name of ["../a", "a/../../b", "..", "a\\..\\b", "/a", "\\a", "C:a", "a\0b"])
    expect(leadsOut(name), name).toBe(true);
  for (const name of ["a", "a/b", "a..b/c", "...", "./a", "archive/data/0"]) expect(leadsOut(name), name).toBe(false);
});
