"""Writes the goldens of test/infer: resample.json, preprocess.json, decode-image.json and images/.

    python3 make.py

Needs Python 3.9, Pillow from 9.1 to 12, numpy, torch and torchvision. The committed files were made with Pillow 9.4.0,
numpy 1.24.2, torch 1.13.0 and torchvision 0.14.1; Pillow 12.3.0 gives the same resample.json and decode-image.json, and
timm 1.0.31 the same preprocess.json. Pillow 13 resizes in another order where the height shrinks by over twice as many
pixels as the width, which moves some values by 1 or 2.
The random sizes and pixels are seeded, so that writing anew changes nothing, unless another version of an encoder
(libjpeg, libwebp) writes other images/, which then have other hashes.
"""

import hashlib
import io
import json
import math
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageOps
from torchvision import transforms

HERE = Path(__file__).parent
PHOTOS = HERE.parent.parent / "photos"
IMAGES = HERE / "images"
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
INCEPTION = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}


def without_metadata(image):
    return Image.frombytes(image.mode, image.size, image.tobytes())


def photographs():
    return sorted(path for path in PHOTOS.iterdir() if path.suffix in (".png", ".jpg"))


photos = {path.name: without_metadata(Image.open(path).convert("RGB")) for path in photographs()}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write(name, value):
    lines = ",\n".join(f"{json.dumps(key)}: {rows(item)}" for key, item in value.items())
    (HERE / name).write_text("{" + lines + "}\n")


def rows(value):
    """One line for each element of a list or entry of a dict."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(json.dumps, value)) + "\n]"
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(item)}" for key, item in value.items()) + "\n}"
    return json.dumps(value)


# Resampling


def random_sizes(rng, count):
    """Log-uniform from 1 to 1000, so that enlarging, shrinking and mixtures of both all occur."""
    side = lambda: round(math.exp(rng.uniform(0, math.log(1000))))
    return [(side(), side()) for _ in range(count)]


def resample_goldens():
    rng = random.Random(20)
    hashed = []
    for photo, image in photos.items():
        w, h = image.size
        edges = [(1, 1), (1, h), (w, 1), (w, h), (w, 2 * h), (2 * w, h), (w - 1, h + 1)]
        for width, height in random_sizes(rng, 20) + edges:
            for name, resampling in FILTERS.items():
                resized = image.resize((width, height), resampling)
                hashed.append(dict(photo=photo, width=width, height=height, filter=name, sha256=sha256(resized.tobytes())))
    whole = []
    for width, height, to in [(1, 1, (3, 2)), (1, 5, (4, 3)), (7, 1, (3, 1)), (5, 4, (1, 1)), (2, 2, (5, 5)), (9, 9, (4, 2))]:
        image = Image.frombytes("RGB", (width, height), bytes(rng.choice((0, 255, rng.randrange(256))) for _ in range(width * height * 3)))
        for name, resampling in FILTERS.items():
            resized = image.resize(to, resampling)
            whole.append(dict(size=[width, height], rgb=image.tobytes().hex(), to=to, filter=name, expected=resized.tobytes().hex()))
    write("resample.json", dict(pillow=PIL.__version__, hashed=hashed, whole=whole))


# Preprocessing


def resize_keep_ratio(size, mode):
    """timm 1.0.31's ResizeKeepRatio(size), which its transforms_imagenet_eval takes for a size that is not square."""

    def resize(image):
        w, h = image.size
        ratio = min(h / size[0], w / size[1])
        return transforms.functional.resize(image, [round(h / ratio), round(w / ratio)], mode)

    return resize


def prepared(image, input_size, interpolation, crop_pct, mean, std, crop_mode):
    channels, *size = input_size
    scale = [math.floor(side / crop_pct) for side in size]
    mode = transforms.InterpolationMode(interpolation)
    if crop_mode == "squash":
        resize = transforms.Resize(scale, mode)
    else:
        resize = transforms.Resize(scale[0], mode) if scale[0] == scale[1] else resize_keep_ratio(scale, mode)
    steps = [resize, transforms.CenterCrop(size), transforms.ToTensor(), transforms.Normalize(mean, std)]
    return transforms.Compose(steps)(image.convert("L" if channels == 1 else "RGB")).numpy().astype("<f4")


def preset(size, interpolation, crop_pct, normalize=IMAGENET, channels=3, crop_mode="center"):
    size = size if isinstance(size, list) else [size, size]
    mean, std = normalize["mean"][:channels], normalize["std"][:channels]
    return dict(input_size=[channels, *size], interpolation=interpolation, mean=mean, std=std, crop_pct=crop_pct, crop_mode=crop_mode)


def preprocess_goldens():
    presets = [
        preset(224, "bilinear", 0.875),
        preset(224, "bicubic", 0.875),
        preset(192, "bilinear", 0.875),
        preset(192, "bicubic", 0.95, INCEPTION),
        preset(288, "bicubic", 0.95),
        preset(288, "bicubic", 1.0),
        preset(288, "bilinear", 1.0, INCEPTION),
        preset(224, "bilinear", 0.965),
        preset(384, "bicubic", 1.0),
        preset(224, "bicubic", 0.875, channels=1),
        preset(225, "bilinear", 1.3),  # the image is smaller than the crop: padded
        preset([192, 256], "bicubic", 0.875),
        preset([256, 193], "bilinear", 0.95),
        preset([224, 225], "bicubic", 0.875),
        preset(240, "bicubic", 0.9, crop_mode="squash"),
        preset([192, 256], "bilinear", 1.0, crop_mode="squash"),
    ]
    # Cut out of the photographs, as [left, top, width, height]: the whole, portrait, square, already of a size that some
    # preset resizes to, odd, tiny, and so long that the other side is one pixel.
    cuts = [[100, 20, 199, 270], [0, 0, 256, 256], [10, 10, 256, 290], [30, 5, 291, 256], [3, 4, 7, 5], [0, 50, 300, 1], [7, 0, 2, 299], [1, 1, 1, 1]]
    hashed = []
    for photo, image in photos.items():
        for box in [[0, 0, *image.size]] + cuts:
            cut = image.crop((box[0], box[1], box[0] + box[2], box[1] + box[3]))
            for index, options in enumerate(presets):
                if photo == next(iter(photos)) or box == [0, 0, *image.size]:
                    hashed.append(dict(photo=photo, box=box, preset=index, sha256=sha256(prepared(cut, **options).tobytes())))
    box = [200, 100, 30, 20]
    cut = photos["chelsea.png"].crop((200, 100, 230, 120))
    small = [preset(4, "bilinear", 0.8), preset([3, 5], "bicubic", 0.6), preset(4, "bicubic", 2, channels=1)]
    whole = [dict(photo="chelsea.png", box=box, preprocessing=p, expected=prepared(cut, **p).ravel().tolist()) for p in small]
    versions = dict(pillow=PIL.__version__, torch=torch.__version__, torchvision=torchvision.__version__)
    write("preprocess.json", dict(**versions, presets=presets, hashed=hashed, whole=whole))


# Decoding


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, colour_type, *chunks):
    """A 16-bit PNG, which Pillow writes for grey only."""
    h, w = samples.shape[:2]
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in samples)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 16, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def partial_gif(image, transparent=None, place=(5, 4), local=False):
    """A picture that lies at a place of its screen, its palette its own or, as Pillow writes it, the screen's."""
    buffer = io.BytesIO()
    image.crop((0, 0, 10, 7)).quantize(16).save(buffer, "GIF")
    gif = bytearray(buffer.getvalue())
    at = 13 + 3 * (2 << (gif[10] & 7))
    start = at
    while gif[at] == 0x21:
        at += 2
        while gif[at]:
            at += gif[at] + 1
        at += 1
    control = b"" if transparent is None else bytes([0x21, 0xF9, 4, 1, 0, 0, transparent, 0])
    screen, palette, picture, codes = gif[:13], gif[13:start], gif[at : at + 10], gif[at + 10 :]
    screen[6:10] = struct.pack("<HH", *image.size)
    picture[1:5] = struct.pack("<HH", *place)
    if local:
        picture[9] = screen[10] & 0x87
        return bytes(screen + bytes(reversed(palette)) + control + picture + palette + codes)
    return bytes(screen + palette + control + picture + codes)


def odd_images():
    """(file name, bytes) of every kind of image that decodeImage reads, 24x16 unless the odd size matters."""
    rng = np.random.default_rng(24)
    image = photos["chelsea.png"].crop((150, 80, 246, 144)).resize((24, 16))
    odd = photos["chelsea.png"].crop((150, 80, 250, 150)).resize((37, 23))
    grey, cmyk, palette, bit = image.convert("L"), image.convert("CMYK"), image.quantize(100), image.convert("1")
    alpha = Image.fromarray((np.add.outer(np.arange(16) * 5, np.arange(24) * 11) % 256).astype(np.uint8))
    rgba, la = image.copy(), grey.convert("LA")
    rgba.putalpha(alpha)
    la.putalpha(alpha)
    upside_down = image.rotate(180)
    icc = Image.open(PHOTOS / "rocket.jpg").info["icc_profile"]
    fine = lambda picture: np.asarray(picture).astype(np.uint16) * 256 + rng.integers(0, 256, np.asarray(picture).shape, np.uint16)
    rgb16, grey16 = fine(image), fine(grey)

    def saved(name, picture, **options):
        picture.save(IMAGES / name, **options)

    def written(name, data):
        (IMAGES / name).write_bytes(data)

    saved("420.jpg", odd, subsampling="4:2:0", quality=80)
    saved("422.jpg", odd, subsampling="4:2:2", quality=80)
    saved("444.jpg", image, subsampling="4:4:4", quality=95)
    saved("progressive.jpg", odd, progressive=True)
    saved("grey.jpg", grey)
    saved("cmyk.jpg", cmyk, quality=90)
    saved("icc.jpg", image, icc_profile=icc)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        saved(f"orientation-{orientation}.jpg", image, exif=exif)
    exif[0x0112] = 6
    saved("orientation-6.png", image, exif=exif)
    saved("orientation-6.webp", image, exif=exif, lossless=True)

    saved("rgb.png", image)
    saved("rgba.png", rgba)
    saved("grey.png", grey)
    saved("la.png", la)
    saved("palette.png", palette)
    saved("palette-4-bit.png", image.quantize(13))
    saved("palette-transparent.png", palette, transparency=bytes(range(0, 200, 2)))
    saved("rgb-transparent.png", image, transparency=image.getpixel((3, 3)))
    saved("1-bit.png", bit)
    saved("icc.png", image, icc_profile=icc)
    written("16-bit-grey.png", png(grey16, 0))
    written("16-bit-la.png", png(np.dstack([grey16, grey16[::-1]]), 4))
    written("16-bit-rgb.png", png(rgb16, 2))
    written("16-bit-rgba.png", png(np.dstack([rgb16, grey16]), 6))
    written("16-bit-gamma.png", png(rgb16, 2, chunk(b"gAMA", struct.pack(">I", 100000))))

    saved("lossy.webp", odd, quality=70)
    saved("lossless.webp", image, lossless=True)
    saved("alpha.webp", rgba, lossless=True, exact=True)
    saved("lossy-alpha.webp", rgba, quality=80)
    saved("animated.webp", rgba, save_all=True, append_images=[rgba.rotate(180)], lossless=True, exact=True)

    saved("palette.gif", palette)
    saved("grey.gif", grey)
    saved("interlaced.gif", palette, interlace=1)
    saved("transparent.gif", palette, transparency=palette.getpixel((4, 4)))
    saved("animated.gif", palette, save_all=True, append_images=[upside_down.quantize(50)], transparency=palette.getpixel((4, 4)), disposal=2)
    written("partial.gif", partial_gif(image))
    written("partial-transparent.gif", partial_gif(image, transparent=7))
    written("partial-local-palette.gif", partial_gif(image, local=True))
    written("beyond-screen.gif", partial_gif(image, place=(20, 12)))

    saved("rgb.tif", image)
    saved("lzw.tif", image, compression="tiff_lzw")
    saved("jpeg.tif", odd, compression="jpeg")
    saved("palette.tif", palette)
    saved("1-bit.tif", bit)
    saved("fax.tif", bit, compression="group4")
    saved("grey.tif", grey)
    saved("rgba.tif", rgba)
    saved("cmyk.tif", cmyk, compression="tiff_lzw")
    saved("16-bit-grey.tif", Image.fromarray(grey16))
    saved("pages.tif", image, save_all=True, append_images=[upside_down])


def reference(path):
    """What decodeImage promises, as an RGB image."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).astype(np.uint8))
    return image.convert("RGB")


def decode_goldens():
    IMAGES.mkdir(exist_ok=True)
    for path in IMAGES.iterdir():
        path.unlink()
    odd_images()
    files = {}
    for path in photographs() + sorted(IMAGES.iterdir()):
        image = reference(path)
        files[path.name] = dict(width=image.width, height=image.height, sha256=sha256(image.tobytes()))
    write("decode-image.json", dict(pillow=PIL.__version__, files=files))


resample_goldens()
preprocess_goldens()
decode_goldens()
