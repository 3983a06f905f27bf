"""Generated input images for golden cases: no image of a person is ever used."""

import numpy as np


def golden_patterns(height: int, width: int, channels: int = 1) -> dict[str, np.ndarray]:
    """Name → uint8 image [1, channels, height, width]."""
    planes = {
        "ellipses": ellipses(height, width),
        "gradient": gradient(height, width),
        "noise": noise(height, width),
    }
    return {name: np.repeat(plane[None, None], channels, axis=1) for name, plane in planes.items()}


def ellipses(height: int, width: int) -> np.ndarray:
    """A skull-like ring, an interior and a bright off-centre spot."""
    y, x = unit_grid(height, width)
    image = np.zeros((height, width))
    image[(x / 0.80) ** 2 + (y / 0.95) ** 2 < 1] = 200
    image[(x / 0.72) ** 2 + (y / 0.87) ** 2 < 1] = 90
    image[((x - 0.25) / 0.16) ** 2 + ((y + 0.20) / 0.20) ** 2 < 1] = 240
    return image.astype(np.uint8)


def gradient(height: int, width: int) -> np.ndarray:
    """A diagonal ramp from 0 to 255."""
    y, x = unit_grid(height, width)
    return np.floor((x + y + 2) / 4 * 255).astype(np.uint8)


def noise(height: int, width: int, seed: int = 7) -> np.ndarray:
    """Uniform noise over the whole 8-bit range."""
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def unit_grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column coordinates in −1…1, each [height, width]."""
    return np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
