import { expect, test } from "vitest";
import { seOnnx, temporaryFolder } from "./se-onnx.js";

const cwd = await temporaryFolder();

interface Device {
  readonly name: string;
  readonly available: boolean;
  readonly reason: string | null;
  readonly hint: string | null;
}

test("doctor lists packages and devices, and what brings those that are missing", async () => {
  const { code, stdout } = await seOnnx(["doctor", "--json"], { cwd });
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ node: process.versions.node, platform: `${process.platform}/${process.arch}` });
  expect(report.processor.threads).toBeGreaterThan(0);
  const devices: readonly Device[] = report.devices;
  expect(devices.map((d) => d.name)).toEqual(["cpu", "cuda", "tensorrt", "coreml", "dml", "webgpu", "webnn", "wasm"]);
  expect(devices[0]).toEqual({ name: "cpu", available: true, reason: null, hint: null });
  for (const { available, reason, hint } of devices) {
    expect(reason === null).toBe(available);
    expect(hint === null).toBe(available);
  }
  expect(report.packages).toEqual(
    ["onnxruntime-node", "onnxruntime-web", "sharp"].map((name) => ({
      name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      hint: null,
    })),
  );
});

test("doctor prints a table for people", async () => {
  const { code, stdout } = await seOnnx(["doctor"], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^se-onnx \d.*\n.* threads/);
  expect(stdout).toMatch(/^cpu +yes$/m);
  expect(stdout).toMatch(/^(coreml|dml) +no +.*\n +-> choose another device$/m);
});
