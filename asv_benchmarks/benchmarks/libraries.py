"""The same layers by cpool and by the other libraries that are installed: the distance, commit by commit."""

from .common import USUAL, prepared


class Libraries:
    version = "1"
    params = [
        ["cpool", "copy", "torch", "torch-onednn", "onnxruntime", "numpy-reshape", "numpy-slices",
         "opencv", "scipy"],
        USUAL,
    ]
    param_names = ["library", "layer"]
    timeout = 120

    def setup(self, library, layer):
        self.call = prepared(library, layer).call

    def time_call(self, library, layer):
        self.call()
