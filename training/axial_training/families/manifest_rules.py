"""Parts of model.json that several families share."""

TURNED = {"orientation": "radiological", "withoutGeometry": "accept"}  # of preprocessing: as training images lie
NOT_ANATOMICAL = {  # of the selector: phase, real and imaginary images, velocity maps
    "imageType": {"anyOf": [], "noneOf": ["P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY", "VELOCITY MAP"]}
}
MOST_OF_SERIES = {"minimumSlices": 1, "minimumShare": 0.5}  # of the selector: one slice of one, not one of twenty
BRAIN_SLICES = {  # about the middle of the brain; axial ones are counted from the top of the head, as necks differ
    "kind": "window",
    "count": 16,
    "millimetres": 110,
    "centre": 0.5,
    "byPlane": {"axial": {"millimetres": 105, "centre": 1, "offset": -72}},
}
BRAIN_STACK = ["first-time", "lowest-b-value", "shortest-echo", "dominant"]
KNEE_STACK = ["first-time", "shortest-echo", "dominant"]
LUMBAR_STACK = ["longest-echo", "dominant"]
