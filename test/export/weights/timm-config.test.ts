import { describe, expect, test } from "vitest";
import { readTimmConfig } from "../../../src/export/weights/timm-config.js";

const CFG = {
  input_size: [3, 224, 224],
  interpolation: "bicubic",
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  crop_pct: 0.95,
  crop_mode: "center",
};

describe("config.json as timm writes it", () => {
  test("names the network, its preprocessing and its classes", () => {
    const config = {
      architecture: "seresnet50",
      num_classes: 2,
      label_names: ["cat", "dog"],
      pretrained_cfg: { tag: "a1", ...CFG },
    };
    expect(readTimmConfig(config)).toEqual({ architecture: "seresnet50", preprocessing: CFG, labels: ["cat", "dog"] });
  });
  test("on one level, as older files have it", () => {
    expect(readTimmConfig({ architecture: "resnet50", ...CFG })).toMatchObject({ preprocessing: CFG, labels: null });
  });
  test("takes a crop for centred where none is named", () => {
    const { crop_mode: _, ...cfg } = CFG;
    expect(readTimmConfig({ pretrained_cfg: cfg }).preprocessing).toEqual(CFG);
  });
  test.each([
    ["another interpolation", { interpolation: "nearest" }],
    ["another crop", { crop_mode: "border" }],
    ["no size", { input_size: [3] }],
    ["words for numbers", { mean: ["a"] }],
    ["no crop", { crop_pct: null }],
  ])("%s: no preprocessing", (_, change) => {
    expect(readTimmConfig({ pretrained_cfg: { ...CFG, ...change } }).preprocessing).toBeNull();
  });
  test.each([null, 3, "text", [], { architecture: 5, label_names: "cat", pretrained_cfg: [] }])(
    "anything else says nothing: %j",
    (config) => {
      expect(readTimmConfig(config)).toEqual({ architecture: null, preprocessing: null, labels: null });
    },
  );
});
