import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { pretrained } from "../../models/pretrained/index.js";
import type { Pretrained } from "../../models/pretrained/pretrained.js";
import { cropPct } from "../../models/pretrained/torchvision/torchvision.js";

const FACTS = ["from", "bytes", "sha256", "licence", "classes", "preprocessing", "test", "accuracy"] as const;
const named = (name: string) => pretrained.find((p) => p.name === name);
const within = (value: number, least: number, most: number) => value >= least && value <= most;

/** All that is wrong with a row, in words. */
function faults(row: Pretrained): readonly string[] {
  return [
    /^(timm|torchvision|cadene|moskomule)\/[\w.]+$/.test(row.name) || "name",
    row.backbone === null || backbones.some((b) => b.name === row.backbone) || "backbone is not in the registry",
    kept(row) || "from is neither an address of a file nor the checkpoint's repository",
    ...FACTS.map(
      (f) => (row[f] === null) === (row.sources[f] === undefined) || `${f} and its source do not go together`,
    ),
    ...Object.values(row.sources).map(
      (s) => (within(s.length, 20, 200) && new URL(s).host !== "" && !/\s/.test(s)) || `${s} is no address`,
    ),
    row.sha256 === null || hashed(row) || "sha256 is not in the file's name and not on its page",
    row.bytes === null || within(row.bytes, 1e6, 3e9) || "bytes",
    within(row.classes, 0, 21843) || "classes",
    row.preprocessing === null || sane({ ...row.preprocessing }) || "preprocessing",
    row.test === null || (row.preprocessing !== null && sane({ ...row.preprocessing, ...row.test })) || "test",
    row.accuracy === null || accurate(row.accuracy) || "accuracy",
  ].filter((fault) => fault !== true);
}
function kept({ name, from }: Pretrained): boolean {
  if (from.startsWith("hf:")) return from === `hf:${name}`;
  return /^https?:$/.test(new URL(from).protocol) && /\.(pth|pkl)$/.test(from);
}
/** The digits end the file's name, or stand on the page of the file itself. */
function hashed({ name, from, sha256, sources }: Pretrained): boolean {
  if (!from.startsWith("hf:"))
    return (
      /^[0-9a-f]{8,64}$/.test(sha256!) && from.replace(/\.\w+$/, "").endsWith(`-${sha256}`) && sources.sha256 === from
    );
  const page = new RegExp(
    `^https://huggingface\\.co/${name.replaceAll(".", "\\.")}/blob/(main|[0-9a-f]{40})/model\\.safetensors$`,
  );
  return /^[0-9a-f]{64}$/.test(sha256!) && page.test(sources.sha256!);
}
function sane({
  input_size: [channels, height, width],
  mean,
  std,
  crop_pct,
}: NonNullable<Pretrained["preprocessing"]>) {
  return (
    channels === 3 &&
    height === width &&
    within(height, 96, 800) &&
    within(crop_pct, 0.8, 1) &&
    mean.length === 3 &&
    mean.every((m) => within(m, 0, 0.6)) &&
    std.length === 3 &&
    std.every((s) => within(s, 0.2, 1))
  );
}
const accurate = ({ top1, top5, size }: NonNullable<Pretrained["accuracy"]>) =>
  within(top1, 40, 92) && (top5 === null || within(top5, top1, 99.5)) && within(size, 96, 800);

describe("every row", () => {
  test("states nothing without a source, and nothing out of range", () => {
    expect(pretrained.flatMap((row) => faults(row).map((fault) => `${row.name}: ${fault}`))).toEqual([]);
    expect(pretrained.length).toBeGreaterThan(400);
  });
  test("has a name of its own", () => {
    expect(pretrained.map((p) => p.name).filter((name, i, all) => all.indexOf(name) !== i)).toEqual([]);
  });
  test("is of this commit of its publisher's: no source moves", () => {
    const moving = pretrained
      .flatMap((p) => Object.values(p.sources))
      .filter((s) => /github\.com.*\/blob\/(?![0-9a-f]{40}\/)/.test(s));
    expect(moving).toEqual([]);
  });
});

describe("a row is refused", () => {
  const timm = named("timm/seresnet50.a2_in1k")!;
  const torchvision = named("torchvision/resnet50.v1")!;
  const { preprocessing } = timm;
  const without = (row: Pretrained, fact: string): Pretrained => ({
    ...row,
    sources: Object.fromEntries(Object.entries(row.sources).filter(([field]) => field !== fact)),
  });
  test.each<readonly [string, RegExp, Pretrained]>([
    ["whose hash has no source", /^sha256 and its source/, without(timm, "sha256")],
    [
      "whose hash has the source of another fact",
      /^sha256 is not/,
      { ...timm, sources: { ...timm.sources, sha256: timm.sources.from! } },
    ],
    ["whose hash is another's", /^sha256 is not/, { ...torchvision, sha256: "11ad3fa6" }],
    ["whose hash is cut", /^sha256 is not/, { ...timm, sha256: timm.sha256!.slice(0, 32) }],
    ["whose licence has no source", /^licence and its/, without(timm, "licence")],
    ["whose accuracy has no source", /^accuracy and its/, without(timm, "accuracy")],
    ["with a source for what it does not state", /^licence and its/, { ...timm, licence: null }],
    ["whose backbone nobody builds", /^backbone/, { ...timm, backbone: "seresnet51" }],
    ["from another's repository", /^from/, { ...timm, from: "hf:timm/seresnet50.a1_in1k" }],
    [
      "with a crop larger than the image",
      /^preprocessing/,
      { ...timm, preprocessing: { ...preprocessing!, crop_pct: 1.1 } },
    ],
    [
      "with values in 0 to 255",
      /^preprocessing/,
      { ...torchvision, preprocessing: { ...preprocessing!, mean: [123, 117, 104] } },
    ],
  ])("%s", (_, fault, row) => expect(faults(row)).toContainEqual(expect.stringMatching(fault)));
});

// Those that a list of zoos names one by one; families are counted below.
const NAMED = `
  seresnet50.a1_in1k seresnet50.a2_in1k seresnet50.a3_in1k seresnet50.ra2_in1k seresnet152d.ra2_in1k
  seresnext26d_32x4d.bt_in1k seresnext26t_32x4d.bt_in1k seresnext50_32x4d.racm_in1k seresnext50_32x4d.gluon_in1k
  seresnext101_32x8d.ah_in1k seresnext101d_32x8d.ah_in1k seresnext101_32x4d.gluon_in1k seresnext101_64x4d.gluon_in1k
  seresnextaa101d_32x8d.ah_in1k seresnextaa101d_32x8d.sw_in12k seresnextaa101d_32x8d.sw_in12k_ft_in1k
  seresnextaa101d_32x8d.sw_in12k_ft_in1k_288 seresnextaa201d_32x8d.sw_in12k seresnextaa201d_32x8d.sw_in12k_ft_in1k_384
  resnetrs50.tf_in1k resnetrs101.tf_in1k resnetrs152.tf_in1k resnetrs200.tf_in1k resnetrs270.tf_in1k resnetrs350.tf_in1k
  resnetrs420.tf_in1k senet154.gluon_in1k seresnext26ts.ch_in1k seresnet33ts.ra2_in1k
  legacy_senet154.in1k legacy_seresnet18.in1k legacy_seresnet34.in1k legacy_seresnet50.in1k legacy_seresnet101.in1k
  legacy_seresnet152.in1k legacy_seresnext26_32x4d.in1k legacy_seresnext50_32x4d.in1k legacy_seresnext101_32x4d.in1k`;
const FILES = `
  senet154-c7b49a05 se_resnet50-ce0d4300 se_resnet101-7e38fcc6 se_resnet152-d17c99b7 se_resnext50_32x4d-a260b3a4
  se_resnext101_32x4d-3b2fe3d8 seresnet50-60a8950a85b2b legacy_senet154-e9eb9fe6 seresnet18-4bb0ce65 seresnet34-a4004e63
  seresnext26_32x4d-65ebdb501 legacy_se_resnext50_32x4d-f3651bad legacy_se_resnext101_32x4d-37725eac
  mobilenet_v3_large-8738ca79 mobilenet_v3_large-5c1a4163 mobilenet_v3_small-047dcff4 efficientnet_b0_rwightman-7f5810bc
  efficientnet_b1_rwightman-bac287d4 efficientnet_b1-c27df63c efficientnet_b2_rwightman-c35c1473 efficientnet_b3_rwightman
  efficientnet_b4_rwightman efficientnet_b5_lukemelas-1a07897c efficientnet_b6_lukemelas-24a108a5 efficientnet_b7_lukemelas
  efficientnet_v2_s-dd5fe13b efficientnet_v2_m-dc08266a efficientnet_v2_l-59c71312
  regnet_y_400mf-c65dace8 regnet_y_400mf-e6988f5f regnet_y_800mf-1b27b58c regnet_y_800mf-58fc7688 regnet_y_1_6gf-b11a554e
  regnet_y_1_6gf-0d7bc02a regnet_y_3_2gf-b5a9779c regnet_y_3_2gf-9180c971 regnet_y_8gf-d0d0e4a8 regnet_y_8gf-dc2b1b54
  regnet_y_16gf-9e6ed7dd regnet_y_16gf-3e4a00f9 regnet_y_32gf-4dee3f7a regnet_y_32gf-8db6d4b5 regnet_y_16gf_swag-43afe44d
  regnet_y_32gf_swag-04fdfa75 regnet_y_128gf_swag-c8ce3e52 regnet_y_16gf_lc_swag- regnet_y_32gf_lc_swag- regnet_y_128gf_lc_swag-
  resnet50- resnext50_32x4d-7cdf4587 vgg16-397923af vgg16_bn-6c64b313 googlenet-1378be20 inception_v3_google-0cc3c7bd
  mobilenet_v2-b0353104 shufflenetv2_x0.5-f707e7126e shufflenetv2_x1-5666bf0f80 shufflenetv2_x1_5-3c479a10
  shufflenetv2_x2_0-8be3c8ee`;
const words = (text: string) => text.trim().split(/\s+/);

describe("complete", () => {
  test("what is named one by one", () => {
    expect(words(NAMED).filter((name) => !named(`timm/${name}`))).toEqual([]);
    expect(words(FILES).filter((file) => !pretrained.some((p) => p.from.includes(`/${file}`)))).toEqual([]);
  });
  test.each([
    ["timm", /^timm\/(tf_)?efficientnet(v2)?_/, 73],
    ["timm", /^timm\/(tf_)?(semnasnet|mnasnet_small|mixnet|tinynet)/, 14],
    ["timm", /^timm\/((tf_)?mobilenetv3|fbnetv3|lcnet)_/, 18],
    ["timm", /^timm\/regnety_/, 40],
    ["timm", /^timm\/(tresnet|rexnetr?|ghostnetv?\d?|repghostnet|hardcorenas|ese_vovnet\w+)[_.]/, 38],
    ["timm", /^timm\/(resnet\d+|resnet\d+d|resnext\w+d|vgg\w+|inception\w+|mobilenetv2_100|densenet121)\./, 80],
    ["torchvision", /^torchvision\//, 65],
    ["cadene", /^cadene\//, 6],
  ])("%s %s", (_, names, least) => {
    expect(pretrained.filter((p) => names.test(p.name)).length).toBeGreaterThanOrEqual(least);
  });
  test("what has no SE here is of a backbone that SE can be added to", () => {
    const bodies = pretrained.filter((p) =>
      /^timm\/(resnet\d|resnext|vgg|inception|mobilenetv2|densenet)/.test(p.name),
    );
    expect(bodies.filter((p) => p.backbone === null).map((p) => p.name)).toEqual([]);
  });
});

describe("backbones", () => {
  test.each([
    ["timm/efficientnet_b4.ra2_in1k", "efficientnet_b4"],
    ["timm/efficientnet_b5.sw_in12k", "timm_efficientnet_b5"],
    ["timm/tf_efficientnet_b7.ns_jft_in1k", "tf_efficientnet_b7"],
    ["timm/mobilenetv3_large_100.ra_in1k", "mobilenetv3_large_100"],
    ["timm/mobilenetv2_100.ra_in1k", "mobilenet_v2"],
    ["timm/regnety_032.ra_in1k", "regnet_y_3_2gf"],
    ["timm/regnety_008_tv.tv2_in1k", "regnet_y_800mf"],
    ["timm/regnety_008.pycls_in1k", null], // not the widths of torchvision's
    ["timm/regnety_080.ra3_in1k", null],
    ["timm/legacy_seresnet50.in1k", "legacy_seresnet50"],
    ["timm/seresnet33ts.ra2_in1k", null],
    ["torchvision/resnet50.v2", "resnet50"],
    ["torchvision/regnet_y_128gf.swag_e2e_v1", null],
    ["cadene/senet154", "legacy_senet154"],
    ["moskomule/se_resnet50", "resnet50"],
  ])("%s: %s", (name, backbone) => expect(named(name)?.backbone).toBe(backbone));
});

const IN = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const NONE = { mean: [0, 0, 0], std: [1, 1, 1] };
type Setting = readonly [size: number, crop_pct: number];
type Prepared = readonly [name: string, interpolation: string, meanStd: typeof IN, usual: Setting, test?: Setting];
const PREPARED: readonly Prepared[] = [
  ["timm/seresnet50.a1_in1k", "bicubic", IN, [224, 0.95], [288, 1]],
  ["timm/seresnet50.a3_in1k", "bicubic", IN, [160, 0.95], [224, 0.95]],
  ["timm/seresnet50.ra2_in1k", "bicubic", IN, [224, 0.875], [288, 0.95]],
  ["timm/seresnet152d.ra2_in1k", "bicubic", IN, [256, 0.95], [320, 1]],
  ["timm/seresnextaa101d_32x8d.sw_in12k_ft_in1k_288", "bicubic", IN, [288, 0.95], [320, 1]],
  ["timm/senet154.gluon_in1k", "bicubic", IN, [224, 0.875]],
  ["timm/legacy_seresnet18.in1k", "bicubic", IN, [224, 0.875]],
  ["timm/legacy_seresnet50.in1k", "bilinear", IN, [224, 0.875]],
  ["timm/efficientnet_b0.ra_in1k", "bicubic", IN, [224, 0.875]],
  ["timm/efficientnet_b0.ra4_e3600_r224_in1k", "bicubic", HALF, [224, 0.9], [256, 1]],
  ["timm/tf_efficientnet_b5.in1k", "bicubic", IN, [456, 0.934]],
  ["timm/tf_efficientnet_b0.ap_in1k", "bicubic", HALF, [224, 0.875]],
  ["timm/mobilenetv3_large_100.miil_in21k_ft_in1k", "bilinear", NONE, [224, 0.875]],
  ["timm/tf_mobilenetv3_large_100.in1k", "bilinear", HALF, [224, 0.875]],
  ["timm/regnety_160.swag_ft_in1k", "bicubic", IN, [384, 1]],
  ["timm/vgg16.tv_in1k", "bilinear", IN, [224, 0.875]],
  ["torchvision/resnet50.v1", "bilinear", IN, [224, 0.875]],
  ["torchvision/resnet50.v2", "bilinear", IN, [224, 0.965]],
  ["torchvision/efficientnet_b1.v1", "bicubic", IN, [240, 0.937]],
  ["torchvision/efficientnet_v2_l.v1", "bicubic", HALF, [480, 1]],
  // Their networks go over from IN to HALF themselves.
  ["torchvision/googlenet.v1", "bilinear", HALF, [224, 0.875]],
  ["torchvision/inception_v3.v1", "bilinear", HALF, [299, 0.874]],
  ["cadene/se_resnet50", "bilinear", IN, [224, 0.875]],
];

describe("preprocessing", () => {
  const sized = ([size, crop_pct]: Setting) => ({ input_size: [3, size, size], crop_pct });
  test.each(PREPARED.map((row) => [row[0], row] as const))("%s", (_, [name, interpolation, meanStd, usual, test]) => {
    const row = named(name);
    expect(row?.preprocessing).toEqual({ ...sized(usual), ...meanStd, interpolation, crop_mode: "center" });
    expect(row?.test).toEqual(test ? sized(test) : null);
  });
  // Crop and resize of torchvision's presets.
  test.each([
    [224, 256, 0.875],
    [224, 232, 0.965],
    [240, 256, 0.937],
    [240, 255, 0.94],
    [288, 288, 1],
    [300, 320, 0.937],
    [299, 342, 0.874],
    [380, 384, 0.989],
  ])("a crop of %i from %i", (crop, resize, fraction) => {
    expect(Math.floor(crop / fraction)).toBe(resize);
    expect(cropPct(crop, resize)).toBe(fraction);
  });
});
