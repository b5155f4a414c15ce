import { execFileSync } from "node:child_process";
import { copyFile, link, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { imageFiles } from "../../cli/images.js";
import { photo, type Result, seOnnx, temporaryFolder } from "./se-onnx.js";

const folder = await temporaryFolder();
const MANY = 60;
const run = (...args: string[]) => seOnnx(["run", "m.onnx", ...args], { cwd: folder });
const place = (...names: string[]) => join(folder, ...names);
const read = (name: string) => readFile(place(name), "utf8");
interface Line {
  readonly file: string;
  readonly error?: string;
  readonly predictions?: readonly { readonly index: number; readonly label: string | null; readonly score: number }[];
}
const lines = async (name: string): Promise<readonly Line[]> =>
  (await read(name))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  await seOnnx(["build", "--backbone", "cifar_resnet20", "-o", "m.onnx"], { cwd: folder });
  await mkdir(place("many"));
  await copyFile(photo("rocket.jpg"), place("many", "000.jpg"));
  for (let i = 1; i < MANY; i++) await link(place("many", "000.jpg"), place("many", `${`${i}`.padStart(3, "0")}.jpg`));
});

describe("the pictures of a folder", () => {
  test("are those that sorting all paths would give, in that order", async () => {
    const names = ["a/z.jpg", "a.jpg", "a b/1.PNG", "a/b/c.webp", "B.tiff", "a-1.gif", "notes.txt", "é.jpeg"];
    for (const name of names) {
      await mkdir(place("tree", name, ".."), { recursive: true });
      await writeFile(place("tree", name), "");
    }
    const found: string[] = [];
    for await (const file of imageFiles([place("tree"), place("tree", "notes.txt")])) found.push(file);
    const pictures = names.filter((n) => !n.endsWith(".txt")).sort();
    expect(found).toEqual([...pictures, "notes.txt"].map((n) => place("tree", n)));
  });
  test("none: exit code 2, before the model is opened", async () => {
    await mkdir(place("empty"), { recursive: true });
    const { code, stderr } = await seOnnx(["run", "none.onnx", "empty"], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: there is no picture in 'empty'/),
    });
  });
});

describe("--output", () => {
  test("adds a line for each picture, and --json sums up", async () => {
    const { code, stdout } = await run("many", "--batch", "16", "--top-k", "2", "--output", "all.jsonl", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      device: "cpu",
      requestedDevice: "cpu",
      tried: [],
      fallback: false,
      loadMs: expect.any(Number),
      optimization: "it is too small to gain",
      output: "all.jsonl",
      images: MANY,
      classified: MANY,
      skipped: 0,
      failed: 0,
      seconds: expect.any(Number),
      imagesPerSecond: expect.any(Number),
    });
    const written = await lines("all.jsonl");
    expect(written.map((l) => l.file)).toEqual((await readdir(place("many"))).sort().map((n) => join("many", n)));
    for (const { predictions } of written) expect(predictions).toEqual(written[0]?.predictions);
    expect(written[0]?.predictions).toHaveLength(2);
  });

  test("goes on from where a run was cut off: no picture is lost or there twice", async () => {
    const whole = await read("all.jsonl");
    const cut = whole.slice(0, whole.length * 0.4);
    await writeFile(place("cut.jsonl"), cut);
    const { code, stdout } = await run("many", "--top-k", "2", "--output", "cut.jsonl", "--json");
    expect(code).toBe(0);
    const { images, classified, skipped } = JSON.parse(stdout);
    expect(images).toBe(MANY);
    expect(classified + skipped).toBe(MANY);
    expect(skipped).toBe(cut.split("\n").length - 1);
    expect((await lines("cut.jsonl")).map((l) => l.file)).toEqual((await lines("all.jsonl")).map((l) => l.file));
    const again = await run("many", "many/000.jpg", "--top-k", "2", "--output", "cut.jsonl", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ images: MANY, classified: 0, skipped: MANY });
  });

  test("interrupted by Ctrl-C: exit code 130, whole lines, and the same command finishes", async () => {
    const args = ["run", "m.onnx", "many", "--batch", "2", "--output", "stopped.jsonl"];
    const started = () =>
      stat(place("stopped.jsonl")).then(
        ({ size }) => size > 0,
        () => false,
      );
    const { code, stderr }: Result = await seOnnx(args, { cwd: folder, interruptWhen: started });
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /interrupted: 'stopped.jsonl' holds what was done, and the same command goes on from there\n$/,
    );
    const before = await read("stopped.jsonl");
    expect(before).toMatch(/\n$/);
    expect((await lines("stopped.jsonl")).length).toBeLessThan(MANY);
    expect((await run("many", "--output", "stopped.jsonl")).code).toBe(0);
    expect((await read("stopped.jsonl")).startsWith(before)).toBe(true);
    expect(new Set((await lines("stopped.jsonl")).map((l) => l.file)).size).toBe(MANY);
    expect(await lines("stopped.jsonl")).toHaveLength(MANY);
  });

  test("under flags of the engine, which no thread can be given", async () => {
    const nodeArgs = ["--max-old-space-size=200"];
    const { code } = await seOnnx(["run", "m.onnx", photo("rocket.jpg")], { cwd: folder, nodeArgs });
    expect(code).toBe(0);
  });

  test("as CSV, with names that need quotes, resumed within such a name", async () => {
    const odd = place("odd", 'a,"b"\nc.jpg');
    await mkdir(place("odd"), { recursive: true });
    await copyFile(photo("rocket.jpg"), place("odd", "A.jpg"));
    await copyFile(photo("rocket.jpg"), odd);
    await writeFile(place("odd", "bad.png"), "no picture");
    const first = await run("odd", "--top-k", "1", "--output", "r.csv");
    expect(first.code).toBe(1);
    const whole = await read("r.csv");
    const name = join("odd", 'a,""b""\nc.jpg');
    expect(whole.split("\n")[0]).toBe("file,model,error,index_1,label_1,score_1");
    expect(whole).toMatch(/\nodd\/A\.jpg,m\.onnx#[0-9a-f]{12},,\d+,,0\.\d+\n/);
    expect(whole).toContain(`\n"${name}",m.onnx#`);
    expect(whole).toMatch(
      /\nodd\/bad\.png,m\.onnx#[0-9a-f]+,'odd\/bad\.png' is not a JPEG[^\n]*,,,\n|\nodd\/bad\.png,m\.onnx#[0-9a-f]+,"'odd\/bad\.png' is not a JPEG[^\n]*",,,\n/,
    );
    await writeFile(place("r.csv"), whole.slice(0, whole.indexOf(name) + name.indexOf("\n") + 1));
    const second = await run("odd", "--top-k", "1", "--output", "r.csv");
    expect(second.code).toBe(1);
    expect(await read("r.csv")).toBe(whole);
    expect(second.stderr).toMatch(/1 were done before\n/);
  });

  test.each([
    ["notes.jsonl", "my own notes", /line 1 of 'notes\.jsonl' is not what run writes/],
    ["other.jsonl", '{"file":"x"}\n{"name":1}\n', /line 1 of 'other\.jsonl' is not what run writes/],
    ["other.csv", "file,error,index_1,label_1,score_1\n", /line 1 of 'other\.csv' is not what run writes/],
  ])("leaves %s alone, which holds other things", async (name, content, message) => {
    await writeFile(place(name), content);
    const { code, stderr } = await run("many", "--output", name);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(await read(name)).toBe(content);
  });
  test("of another model is left alone, even of one of the same name", async () => {
    const before = await read("all.jsonl");
    await mkdir(place("second"));
    await seOnnx(["build", "--backbone", "cifar_resnet20", "--seed", "1", "-o", "second/m.onnx"], { cwd: folder });
    const args = ["run", "second/m.onnx", "many", "--top-k", "2", "--output", "all.jsonl"];
    expect(await seOnnx(args, { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: 'all\.jsonl' holds results of the model m\.onnx#[0-9a-f]{12}, not of m\.onnx#[0-9a-f]{12}: name another file with --output\n$/,
      ),
    });
    expect(await read("all.jsonl")).toBe(before);
  });
  test("is refused with another ending, in a folder that is not there, and with tensors", async () => {
    expect((await run("many", "--output", "r.txt")).stderr).toMatch(/'r\.txt' must end in \.jsonl or \.csv/);
    expect((await run("many", "--output", "no/r.csv")).stderr).toMatch(/'no\/r\.csv' cannot be written \(ENOENT\)/);
    expect((await run("--input", "input=x.npy", "--output", "r.csv")).code).toBe(2);
  });
});

/** A PNG of one colour, a bit a pixel. */
function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

test("a batch beyond the number of pictures is one of all pictures, and takes no memory for more", async () => {
  const { code, stdout } = await run("many", "--batch", "100000000", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout).images).toHaveLength(MANY);
});

test("bad pictures among good ones: a sentence each, the others unharmed, exit code 1", async () => {
  const bad = (name: string) => place("mixed", name);
  await mkdir(bad("folder.jpg"), { recursive: true });
  await copyFile(photo("rocket.jpg"), bad("good.jpg"));
  await copyFile(photo("rocket.jpg"), bad("zz-good.jpg"));
  await copyFile(new URL("../infer/goldens/images/animated.gif", import.meta.url), bad("animated.gif"));
  await writeFile(bad("one.png"), png(1, 1));
  await writeFile(bad("huge.png"), png(20_000, 20_000));
  await copyFile(new URL("../infer/goldens/images/animated.webp", import.meta.url), bad("animated.webp"));
  await writeFile(bad("empty.png"), "");
  await writeFile(bad("text.jpg"), "no picture");
  await writeFile(bad("truncated.jpg"), (await readFile(photo("rocket.jpg"))).subarray(0, 20_000));
  execFileSync("mkfifo", [bad("pipe.jpg")]);
  await copyFile(photo("rocket.jpg"), bad("folder.jpg/inside.jpg"));

  const { code, stdout, stderr } = await run("mixed", "--json");
  expect(code).toBe(1);
  const images: readonly Line[] = JSON.parse(stdout).images;
  const good = images.filter((i) => i.predictions).map((i) => i.file.slice("mixed/".length));
  expect(good).toEqual([
    "animated.gif",
    "animated.webp",
    "folder.jpg/inside.jpg",
    "good.jpg",
    "one.png",
    "zz-good.jpg",
  ]);
  expect(images.find((i) => i.file === "mixed/zz-good.jpg")?.predictions).toEqual(
    images.find((i) => i.file === "mixed/good.jpg")?.predictions,
  );
  const errors = Object.fromEntries(images.flatMap((i) => (i.error ? [[i.file.slice("mixed/".length), i.error]] : [])));
  expect(errors).toEqual({
    "empty.png": "'mixed/empty.png' is empty; give a JPEG, PNG, WebP, GIF or TIFF image",
    "huge.png": "'mixed/huge.png' has 20000x20000 pixels; make it smaller, to at most 268435456 pixels",
    "pipe.jpg": "'mixed/pipe.jpg' is not a regular file; give an image file",
    "text.jpg": "'mixed/text.jpg' is not a JPEG, PNG, WebP, GIF or TIFF image; convert it to one of these",
    "truncated.jpg": expect.stringMatching(
      /^'mixed\/truncated\.jpg' is a damaged or incomplete JPEG file \(.*\); get it anew$/,
    ),
  });
  expect(stderr).toMatch(/6 of 11 pictures in [\d.]+ s on cpu\n5 could not be read:\n {2}'mixed\/empty\.png' is empty/);
  expect(await run("mixed/text.jpg", "mixed/pipe.jpg")).toMatchObject({ code: 2 });
});
