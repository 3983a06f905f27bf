"""Soft-edged shapes on a coordinate grid, and what a scanner adds to them."""

import numpy as np
from scipy.ndimage import gaussian_filter


class Canvas:
    """A float image [S, S] in 0…1 whose coordinates run from −1 to 1, turned, zoomed and shifted by `pose`."""

    def __init__(self, size: int, random: np.random.Generator, turn: float = 0.12, shift: float = 0.08, zoom: float = 0.1):
        self.size = size
        self.random = random
        angle = random.uniform(-turn, turn)
        self.rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        self.shift = random.uniform(-shift, shift, 2)
        self.zoom = np.exp(random.uniform(-zoom, zoom))
        axis = (np.arange(size) + 0.5) / size * 2 - 1
        grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)
        self.y, self.x = np.moveaxis((grid - self.shift) @ self.rotation.T / self.zoom, -1, 0)
        self.edge = 2.5 / size
        self.image = np.zeros((size, size))

    def paint(self, distance: np.ndarray, value: float | np.ndarray, opacity: float = 1.0) -> None:
        """Blend `value` in where the signed distance is negative."""
        cover = np.clip(0.5 - distance / self.edge, 0, 1) * opacity
        self.image = self.image * (1 - cover) + value * cover

    def ellipse(self, y: float, x: float, height: float, width: float, angle: float = 0.0) -> np.ndarray:
        """Approximate signed distance to an ellipse with the given half axes, turned by `angle` in radians."""
        dy, dx = self.y - y, self.x - x
        cosine, sine = np.cos(angle), np.sin(angle)
        along, across = dy * cosine + dx * sine, dx * cosine - dy * sine
        return (np.hypot(along / height, across / width) - 1) * min(height, width)

    def box(self, points: np.ndarray, margin: float) -> tuple[float, float, float, float]:
        """Top, left, bottom, right in parts of the side around points [P, 2] (y, x), widened by `margin` (of −1…1)."""
        placed = points * self.zoom @ self.rotation + self.shift
        low, high = placed.min(axis=0) - margin, placed.max(axis=0) + margin
        top, left, bottom, right = ((np.array([*low, *high]) + 1) / 2).clip(0, 1)
        return float(top), float(left), float(bottom), float(right)

    def scanned(self) -> np.ndarray:
        """Blur, uneven coil sensitivity, Rician noise and an arbitrary scale; uint8 [S, S]."""
        random = self.random
        image = gaussian_filter(self.image, random.uniform(0.4, 0.9) * self.size / 128)
        slope = random.uniform(-0.25, 0.25, 2)
        axis = np.linspace(-1, 1, self.size)
        image = image * (1 + slope[0] * axis[:, None] + slope[1] * axis[None])
        noise = random.uniform(0.01, 0.05)
        image = np.hypot(image + random.normal(0, noise, image.shape), random.normal(0, noise, image.shape))
        image = np.clip(image, 0, None) ** np.exp(random.uniform(-0.2, 0.2))
        return np.clip(image / image.max() * random.uniform(200, 255), 0, 255).astype(np.uint8)
