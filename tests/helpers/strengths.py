"""Strengths of every change of pictures that the tests share."""

GEOMETRY = {"translation": 0.2, "rotation": 30.0, "shear": 0.3, "zoom": 0.2, "elastic": 0.05}
VALUES = {"brightness": 0.3, "contrast": 0.4, "noise": 0.1, "erasing": 1.0}
COLORS = {"saturation": 0.5, "hue": 60.0, "channel_permutation": 1.0, "palette": 0.3}
EVERYTHING = GEOMETRY | VALUES | COLORS
