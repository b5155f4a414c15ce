import { UserError } from "../../graph/error.js";
import { checkSize, type Pixels } from "../pixels.js";
import { fetchBlob } from "./fetch.js";
import { plainColours } from "./plain-colours.js";

/** Red, green, blue and alpha of each pixel, row by row; colours not multiplied by alpha. */
type Rgba = Uint8Array | Uint8ClampedArray;

/** The pixels of a picture at an address, of a file that the browser can decode, or of what a page shows: an image, video or canvas element, an
 *  ImageBitmap, ImageData or VideoFrame. Upright by its EXIF orientation, an embedded colour profile ignored, alpha dropped and not blended, as
 *  `decodeImage` of se-onnx/node has it. The decoder is the browser's own: its JPEG and lossy WebP may differ from Pillow's in the last bit, a
 *  GIF's transparent and uncovered places are black, and a WebP's EXIF orientation may be ignored. Where colours are kept multiplied by
 *  alpha, as in a canvas, those under transparency are as precise as that keeps them.
 *
 *  Throws a UserError when there is no picture, or none that the browser can decode or the page may read. */
export async function decodeImage(image: string | URL | ImageBitmapSource): Promise<Pixels> {
  const given = typeof image === "string" || image instanceof URL ? await fetchBlob(image) : image;
  const source = given instanceof Blob ? await plainColours(given) : given;
  if (source instanceof ImageData && source.data instanceof Uint8ClampedArray)
    return { width: source.width, height: source.height, data: rgbOf(source.data) };
  await shown(source);
  const bitmap = await createImageBitmap(source, { premultiplyAlpha: "none", colorSpaceConversion: "none" }).catch(
    (e) => {
      throw new UserError(`the image cannot be decoded by this browser: give a JPEG, PNG, WebP or GIF (${e.message})`);
    },
  );
  try {
    const { width, height } = bitmap;
    checkSize("An image", width, height);
    const drawn = throughCanvas(bitmap);
    const data = rgbOf(isOpaque(drawn) ? drawn : (throughTexture(bitmap) ?? drawn));
    return { width, height, data };
  } catch (e) {
    if (!(e instanceof DOMException) || e.name !== "SecurityError") throw e;
    throw new UserError(
      'the page may not read the pixels of an image from another origin: load it with crossorigin="anonymous", from a server that sends Access-Control-Allow-Origin',
    );
  } finally {
    bitmap.close();
  }
}

/** Waits until an image element has its picture; throws where there is none to come. */
async function shown(source: ImageBitmapSource): Promise<void> {
  if ("decode" in source)
    await source.decode().catch(() => {
      throw new UserError("the image element shows no picture: give it the address of a JPEG, PNG, WebP or GIF");
    });
  if ("readyState" in source && source.readyState < source.HAVE_CURRENT_DATA)
    throw new UserError("the video has no picture yet: wait for its event 'loadeddata'");
}

/** Exact where the image is opaque: a 2-D canvas keeps colours multiplied by alpha. */
function throughCanvas(bitmap: ImageBitmap): Rgba {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new UserError(`this browser has no canvas of ${width}x${height} pixels: make the image smaller`);
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

/** Exact for any alpha; null where the browser has no WebGL 2 or no texture of this size. */
function throughTexture(bitmap: ImageBitmap): Rgba | null {
  const { width, height } = bitmap;
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return null;
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(
    gl.FRAMEBUFFER,
    gl.COLOR_ATTACHMENT0,
    gl.TEXTURE_2D,
    gl.getParameter(gl.TEXTURE_BINDING_2D),
    0,
  );
  const rgba = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  const failed = gl.getError() !== gl.NO_ERROR;
  gl.getExtension("WEBGL_lose_context")?.loseContext(); // a page may hold only a few
  return failed ? null : rgba;
}

function isOpaque(rgba: Rgba): boolean {
  for (let p = 3; p < rgba.length; p += 4) if (rgba[p] !== 255) return false;
  return true;
}

function rgbOf(rgba: Rgba): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let p = 0, o = 0; p < rgba.length; p += 4, o += 3) {
    rgb[o] = rgba[p]!;
    rgb[o + 1] = rgba[p + 1]!;
    rgb[o + 2] = rgba[p + 2]!;
  }
  return rgb;
}
