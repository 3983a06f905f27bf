"""A sagittal knee slice with an anterior cruciate ligament (ACL): a dark band between femur and tibia."""

from dataclasses import dataclass

import numpy as np

from axial_training.phantoms.canvas import Canvas

HEALTHY, STRAIN, PARTIAL, COMPLETE = "healthy", "minor-strain", "partial", "complete"
NO_BOX = (np.nan, np.nan, np.nan, np.nan)
BOX_MARGIN = 0.07


@dataclass(frozen=True)
class KneeSlice:
    """uint8 [S, S] and the lesion's box (top, left, bottom, right in parts of the side; NaN: none)."""

    image: np.ndarray
    box: tuple[float, float, float, float]


def knee_slice(random: np.random.Generator, injury: str, size: int, ligament_visible: bool = True) -> KneeSlice:
    """One slice through the notch; without the ligament it is a slice beside it."""
    canvas = Canvas(size, random)
    paint_bones(canvas)
    paint_distractors(canvas)
    box = paint_ligament(canvas, injury) if ligament_visible else NO_BOX
    return KneeSlice(canvas.scanned(), box)


def knee_series(random: np.random.Generator, injury: str, size: int, slices: int) -> list[KneeSlice]:
    """A stack in which the ligament shows in the middle slice and in its neighbours; lesions may spare a neighbour."""
    middle = slices // 2
    stack = []
    for index in range(slices):
        visible = abs(index - middle) <= 1
        spared = index != middle and random.random() < 0.4
        stack.append(knee_slice(random, HEALTHY if spared else injury, size, visible))
    return stack


def paint_bones(canvas: Canvas) -> None:
    """Soft tissue, femur, tibia, patella with dark cortex and bright marrow, cartilage, fat pad."""
    random = canvas.random
    canvas.image[:] = random.uniform(0.28, 0.4)
    canvas.paint(canvas.ellipse(0.0, 0.0, 1.05, 0.85), random.uniform(0.4, 0.5))
    canvas.paint(canvas.ellipse(0.12, -0.52, 0.28, 0.16, 0.3), random.uniform(0.65, 0.8))  # fat pad
    marrow = random.uniform(0.55, 0.7)
    femur = canvas.ellipse(-0.55, 0.02, random.uniform(0.46, 0.52), random.uniform(0.44, 0.5))
    tibia = canvas.ellipse(0.78, 0.02, random.uniform(0.42, 0.48), random.uniform(0.48, 0.54))
    patella = canvas.ellipse(-0.3, -0.7, 0.2, 0.09, 0.1)
    for bone in (femur, tibia, patella):
        canvas.paint(bone - 0.03, random.uniform(0.5, 0.6))
        canvas.paint(bone, 0.1)
        canvas.paint(bone + 0.035, marrow + random.uniform(-0.05, 0.05))


def paint_distractors(canvas: Canvas) -> None:
    """Fluid, vessels and a posterior cruciate ligament: things that are not lesions of the ACL."""
    random = canvas.random
    for _ in range(random.integers(1, 4)):
        y, x = random.uniform(-0.9, 0.9), random.choice([-1, 1]) * random.uniform(0.55, 0.85)
        canvas.paint(canvas.ellipse(y, x, random.uniform(0.04, 0.12), random.uniform(0.03, 0.06)), random.uniform(0.7, 0.95))
    for _ in range(random.integers(2, 5)):
        y, x = random.uniform(-0.8, 0.8), random.uniform(0.55, 0.8)
        canvas.paint(canvas.ellipse(y, x, 0.03, 0.03), random.uniform(0.02, 0.15))
    path = curve((0.0, 0.12), (0.12, 0.42), (0.42, 0.44))
    canvas.paint(band(canvas, path, 0.045), random.uniform(0.08, 0.16))


def paint_ligament(canvas: Canvas, injury: str) -> tuple[float, float, float, float]:
    """Draw the ACL with its injury; returns the box of the lesion."""
    random = canvas.random
    start = np.array([-0.1, 0.28]) + random.normal(0, 0.02, 2)
    end = np.array([0.36, -0.26]) + random.normal(0, 0.02, 2)
    sag = random.normal(0, 0.02, 2) + (np.array([0.07, 0.05]) if injury == COMPLETE else 0)
    path = curve(start, (start + end) / 2 + sag, end)
    width = random.uniform(0.055, 0.075)
    dark = random.uniform(0.08, 0.16)
    canvas.paint(band(canvas, path, width + 0.07), random.uniform(0.42, 0.52))
    canvas.paint(band(canvas, path, width), dark)
    if injury == HEALTHY:
        return NO_BOX
    section = lesion_section(path, injury, random)
    if injury == STRAIN:
        canvas.paint(band(canvas, section, width * 1.2), random.uniform(0.34, 0.44))
    elif injury == PARTIAL:
        offset = normal(path) * width * random.choice([-1, 1]) * random.uniform(0.55, 0.75)
        canvas.paint(band(canvas, section + offset, width * random.uniform(0.5, 0.65)), random.uniform(0.72, 0.9))
    else:
        canvas.paint(band(canvas, section, width * random.uniform(1.2, 1.5)), random.uniform(0.72, 0.9))
    return canvas.box(section, width + BOX_MARGIN)


def lesion_section(path: np.ndarray, injury: str, random: np.random.Generator) -> np.ndarray:
    """The part of the path that is hurt."""
    length = {STRAIN: random.uniform(0.4, 0.6), PARTIAL: random.uniform(0.22, 0.35), COMPLETE: random.uniform(0.2, 0.35)}
    first = random.uniform(0.15, 0.85 - length[injury])
    count = len(path)
    return path[int(first * count) : int((first + length[injury]) * count) + 1]


def curve(start, middle, end, count: int = 40) -> np.ndarray:
    """A quadratic Bézier curve [count, 2]."""
    t = np.linspace(0, 1, count)[:, None]
    return (1 - t) ** 2 * np.asarray(start) + 2 * t * (1 - t) * np.asarray(middle) + t**2 * np.asarray(end)


def band(canvas: Canvas, path: np.ndarray, half_width: float) -> np.ndarray:
    """Signed distance to a band around a path [P, 2] of (y, x)."""
    squared = np.full(canvas.y.shape, np.inf)
    for y, x in path:
        squared = np.minimum(squared, (canvas.y - y) ** 2 + (canvas.x - x) ** 2)
    return np.sqrt(squared) - half_width


def normal(path: np.ndarray) -> np.ndarray:
    """Unit vector across the path's chord."""
    along = path[-1] - path[0]
    return np.array([-along[1], along[0]]) / np.linalg.norm(along)
