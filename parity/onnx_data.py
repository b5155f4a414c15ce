"""Prints the folder of the official onnx package's backend test data."""

import os

import onnx

print(os.path.join(onnx.__path__[0], "backend", "test", "data"))
