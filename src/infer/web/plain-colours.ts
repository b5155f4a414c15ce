/** The file of a picture without what has a browser change its colours: profiles, gamma, and the transparency that PNG keeps apart from its colours.
 *  Blink ignores them where `createImageBitmap` is asked to; WebKit applies them all the same. A file of another kind, or a broken one, is left as it is. */
export async function plainColours(file: Blob): Promise<Blob> {
  const buffer = await file.arrayBuffer().catch(() => null);
  if (!buffer) return file; // whoever decodes it says so
  const bytes = new Uint8Array(buffer);
  const dropped = droppedFrom(new DataView(buffer));
  if (!dropped.length) return file;
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { start, end } of dropped) {
    kept.push(bytes.subarray(at, start));
    at = end;
  }
  return new Blob([...kept, bytes.subarray(at)], { type: file.type });
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function droppedFrom(view: DataView): readonly Range[] {
  if (view.byteLength < 16) return [];
  if (view.getUint32(0) === 0x89504e47) return [...pngChunks(view)];
  return view.getUint16(0) === 0xffd8 ? [...jpegProfiles(view)] : [];
}

const COLOURS = new Set(["iCCP", "gAMA", "cHRM", "sRGB", "cICP", "tRNS"]);

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
function* pngChunks(view: DataView): Generator<Range> {
  for (let start = 8; start + 12 <= view.byteLength; ) {
    const end = start + 12 + view.getUint32(start);
    const name = ascii(view, start + 4, 4);
    if (name === "IDAT") return;
    if (COLOURS.has(name) && end <= view.byteLength) yield { start, end };
    start = end;
  }
}

/** Up to the picture's own data: https://www.color.org/specification/ICC.1-2022-05.pdf, annex B.4. */
function* jpegProfiles(view: DataView): Generator<Range> {
  for (let start = 2; start + 4 <= view.byteLength && view.getUint8(start) === 0xff; ) {
    const marker = view.getUint8(start + 1);
    if (marker === 0xda) return;
    const end = start + 2 + view.getUint16(start + 2);
    if (marker === 0xe2 && end <= view.byteLength && ascii(view, start + 4, 11) === "ICC_PROFILE") yield { start, end };
    start = end;
  }
}

const ascii = (view: DataView, start: number, length: number): string =>
  String.fromCharCode(...new Uint8Array(view.buffer, start, Math.min(length, view.byteLength - start)));
