"""Writes SE blocks as converters leave them: python tools/converted-se.py test/graph/goldens/exported-se

From files of exported-se.py: in float16 by onnxconverter-common, inputs and outputs as they were or not; in 8 bits between QuantizeLinear and
DequantizeLinear by onnxruntime.quantization, calibrated on noise. Needs onnx, onnxruntime and onnxconverter-common."""

import pathlib
import sys
import tempfile

import numpy
import onnx
from onnxconverter_common import float16
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

FORMS = ["view-expand-bias-opset11", "conv-silu", "mean-index", "linear-ramp", "dynamo-flat-mean"]


class Noise(CalibrationDataReader):
    def __init__(self):
        random = numpy.random.default_rng(0)
        self.batches = iter([{"input": random.standard_normal((1, 3, 12, 12), numpy.float32)} for _ in range(8)])

    def get_next(self):
        return next(self.batches, None)


def quantized(source, target, **options):
    with tempfile.TemporaryDirectory() as scratch:
        prepared = pathlib.Path(scratch) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(prepared, target, Noise(), quant_format=QuantFormat.QDQ, **options)


folder = pathlib.Path(sys.argv[1])
for name in FORMS:
    source = folder / f"{name}.onnx"
    for kept, suffix in [(True, "fp16-inside"), (False, "fp16")]:
        onnx.save(float16.convert_float_to_float16(onnx.load(source), keep_io_types=kept), folder / f"{name}-{suffix}.onnx")
    if "opset11" in name:
        continue  # scales for each channel need opset 13
    quantized(source, folder / f"{name}-qdq.onnx", per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
