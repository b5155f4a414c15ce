"""What other optimizers make of a file: python slimmed.py onnxslim|onnxsim IN OUT"""

import contextlib
import io
import sys

import onnx

tool, source, target = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()):
    if tool == "onnxslim":
        import onnxslim

        onnx.save(onnxslim.slim(source), target)
    else:
        import onnxsim

        model, equal = onnxsim.simplify(onnx.load(source))
        if not equal:
            raise SystemExit("onnxsim's outputs differ")
        onnx.save(model, target)
