"""An axial T2 slice through a lumbar disc: disc in front (top), dural sac, recesses, foramina, facets, lamina.

As displayed, the patient's left is on the right of the image.
"""

from dataclasses import dataclass

import numpy as np

from axial_training.phantoms.canvas import Canvas

NORMAL, MODERATE, SEVERE = 0, 1, 2
SIDES = {"left": 1.0, "right": -1.0}  # sign of x


@dataclass(frozen=True)
class Stenosis:
    """Grades of the five sites."""

    canal: int
    foraminal_left: int
    foraminal_right: int
    subarticular_left: int
    subarticular_right: int

    def as_row(self) -> list[int]:
        """In the order of the model's heads."""
        return [
            self.canal,
            self.foraminal_left,
            self.foraminal_right,
            self.subarticular_left,
            self.subarticular_right,
        ]


def draw_stenosis(random: np.random.Generator) -> Stenosis:
    """Grades as likely as each other, except that a severely narrow canal narrows both recesses too."""
    canal = int(random.integers(3))
    lowest = MODERATE if canal == SEVERE else NORMAL
    foraminal = random.integers(3, size=2)
    subarticular = random.integers(lowest, 3, size=2)
    return Stenosis(canal, *(int(grade) for grade in (*foraminal, *subarticular)))


def lumbar_slice(random: np.random.Generator, stenosis: Stenosis, size: int) -> tuple[np.ndarray, tuple[float, ...]]:
    """uint8 [S, S] and the canal's box (NaN where the canal is normal)."""
    canvas = Canvas(size, random, turn=0.08, shift=0.06, zoom=0.1)
    paint_surroundings(canvas)
    for side, sign in SIDES.items():
        paint_foramen(canvas, sign, getattr(stenosis, f"foraminal_{side}"))
    paint_canal(canvas, stenosis.canal)
    for side, sign in SIDES.items():
        paint_recess(canvas, sign, getattr(stenosis, f"subarticular_{side}"))
    corners = np.array([[-0.02, -0.24], [0.34, 0.24]])
    box = (np.nan,) * 4 if stenosis.canal == NORMAL else canvas.box(corners, 0.04)
    return canvas.scanned(), box


def paint_surroundings(canvas: Canvas) -> None:
    """Fat, muscles, disc, facets, lamina and spinous process."""
    random = canvas.random
    canvas.image[:] = 0.05
    canvas.paint(canvas.ellipse(0, 0, 0.95, 1.05), random.uniform(0.6, 0.75))
    for sign in SIDES.values():
        canvas.paint(canvas.ellipse(-0.2, sign * 0.75, 0.3, 0.2), random.uniform(0.2, 0.28))  # psoas
        canvas.paint(canvas.ellipse(0.65, sign * 0.42, 0.26, 0.3, sign * 0.3), random.uniform(0.2, 0.3))  # erector
    canvas.paint(canvas.ellipse(-0.35, 0, 0.36, 0.5), random.uniform(0.12, 0.18))
    canvas.paint(canvas.ellipse(-0.37, 0, 0.24, 0.36), random.uniform(0.3, 0.5))
    for sign in SIDES.values():
        canvas.paint(canvas.ellipse(0.3, sign * 0.4, 0.12, 0.1, sign * 0.6), random.uniform(0.08, 0.15))  # facet
    canvas.paint(canvas.ellipse(0.42, 0, 0.06, 0.3), 0.1)  # lamina
    canvas.paint(canvas.ellipse(0.68, 0, 0.24, 0.05), random.uniform(0.12, 0.2))  # spinous process


def paint_canal(canvas: Canvas, grade: int) -> None:
    """The dural sac, bright with dark roots; narrower by grade, severe without visible fluid between the roots."""
    random = canvas.random
    canvas.paint(canvas.ellipse(0.16, 0, 0.19, 0.25), random.uniform(0.18, 0.25))  # ligaments and epidural tissue
    shrink = {NORMAL: random.uniform(0.88, 1.0), MODERATE: random.uniform(0.6, 0.7), SEVERE: random.uniform(0.3, 0.42)}
    height, width = 0.16 * shrink[grade], 0.21 * (0.4 + 0.6 * shrink[grade])
    fluid = random.uniform(0.35, 0.5) if grade == SEVERE else random.uniform(0.8, 0.95)
    canvas.paint(canvas.ellipse(0.16, 0, height, width), fluid)
    for _ in range(8):
        turn, reach = random.uniform(0, 2 * np.pi), random.uniform(0.2, 0.75)
        y, x = 0.16 + 0.02 + np.sin(turn) * reach * height, np.cos(turn) * reach * width
        canvas.paint(canvas.ellipse(y, x, 0.016, 0.016), 0.25, opacity=0.8)


def paint_recess(canvas: Canvas, sign: float, grade: int) -> None:
    """Bright fat with a root beside the sac's front corner; less of it by grade."""
    random = canvas.random
    extent = {NORMAL: random.uniform(0.9, 1.05), MODERATE: random.uniform(0.58, 0.7), SEVERE: random.uniform(0.2, 0.36)}
    size = 0.085 * extent[grade]
    y, x = 0.06, sign * 0.27
    canvas.paint(canvas.ellipse(y, x, 0.1, 0.1), random.uniform(0.12, 0.2))
    canvas.paint(canvas.ellipse(y, x, size, size), random.uniform(0.65, 0.85))
    canvas.paint(canvas.ellipse(y, x, 0.022, 0.022), 0.3)


def paint_foramen(canvas: Canvas, sign: float, grade: int) -> None:
    """Bright fat around the exiting root; squeezed by grade."""
    random = canvas.random
    extent = {NORMAL: random.uniform(0.9, 1.05), MODERATE: random.uniform(0.55, 0.68), SEVERE: random.uniform(0.2, 0.36)}
    y, x = -0.02, sign * 0.56
    canvas.paint(canvas.ellipse(y, x, 0.16, 0.13), random.uniform(0.15, 0.24))
    canvas.paint(canvas.ellipse(y, x, 0.145 * extent[grade], 0.115 * extent[grade]), random.uniform(0.7, 0.9))
    canvas.paint(canvas.ellipse(y, x, 0.035, 0.035), 0.3)
