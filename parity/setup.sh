#!/bin/sh
# Makes the Python environment that `npm run parity` and `npm run bench:build` use as their reference:
# PyTorch, torchvision, timm, safetensors and the official onnx checker.
#
#   sh parity/setup.sh            # in $HOME/.cache/se-onnx/venv, where the scripts look for it
#
# Debian's PyTorch is used when it is there (apt-get install python3-torch python3-torchvision python3-venv), otherwise
# pip's, which carry CUDA on Linux (5 GB) unless PIP_EXTRA_INDEX_URL is set to PyTorch's index of CPU wheels.
set -eu

venv="$HOME/.cache/se-onnx/venv"

if /usr/bin/python3 -c "import torch, torchvision" 2>/dev/null; then
  /usr/bin/python3 -m venv --clear --system-site-packages "$venv"
else
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet torch torchvision
fi

# A PyTorch built against NumPy 1 (Debian 12's 1.13) cannot hand arrays to NumPy 2: stay on the side that is there.
numpy=$("$venv/bin/python" -c "import numpy; print('numpy<2' if numpy.__version__ < '2' else 'numpy')")

# onnx from 1.18 knows opset 23. timm without its dependencies, or pip would bring a second PyTorch over Debian's.
"$venv/bin/python" -m pip install --quiet "$numpy" "onnx==1.20.1" "safetensors==0.7.0" "huggingface_hub<1" pyyaml
"$venv/bin/python" -m pip install --quiet --no-deps "timm==1.0.22"

# Cadene's package is of 2018: apart, so that it replaces nothing, for parity/zoos alone.
"$venv/bin/python" -m pip install --quiet --no-deps --upgrade --target "$HOME/.cache/se-onnx/pretrainedmodels" \
  "pretrainedmodels==0.7.4" "munch==4.0.0"

"$venv/bin/python" - <<'PYTHON'
import numpy, onnx, safetensors, timm, torch, torchvision
for module in (torch, torchvision, timm, onnx, safetensors, numpy):
    print(f"{module.__name__} {module.__version__}")
PYTHON
