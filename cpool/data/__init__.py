"""The photograph that `cpool demo` pools.

`cat.jpg` shows Chelsea the cat, photographed by Stefan van der Walt, who dedicated the photograph to the
public domain (CC0 1.0). It is the `chelsea` image of scikit-image, cropped to 400 x 300 pixels.
"""
