"""Random changes that keep the label true, on batches of grey images [N, 1, H, W] in 0…1."""

import math
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes. Every range is symmetric around no change."""

    rotation_degrees: float = 12.0
    shift: float = 0.06  # of the side
    zoom: float = 0.15  # log scale
    stretch: float = 0.06  # log aspect ratio
    horizontal_flip: bool = True
    gamma: float = 0.35  # log exponent
    brightness: float = 0.08
    contrast: float = 0.2  # log factor
    noise: float = 0.03  # largest standard deviation
    erase_probability: float = 0.0
    erase_side: float = 0.2  # largest side, of the image's
    frame_probability: float = 0.0  # of a border around the whole image, as screenshots and scans have it
    frame_zoom: float = 0.4  # log scale; how far the image shrinks for the border
    frame_white: float = 0.5  # of the borders; the others are black
    jpeg_probability: float = 0.0
    jpeg_quality: tuple[int, int] = (15, 80)


def augment(images: Tensor, ranges: Augmentation, generator: torch.Generator) -> Tensor:
    """A randomly changed copy of the batch, each image on its own."""
    changed = warp(images, ranges, generator)
    changed = change_intensity(changed, ranges, generator)
    changed = compress(changed, ranges, generator)
    return erase(changed, ranges, generator)


def warp(images: Tensor, ranges: Augmentation, generator: torch.Generator) -> Tensor:
    """Rotate, shift, zoom, stretch and flip, and shrink framed images; what comes from outside is black, or the frame's."""
    count = images.shape[0]
    framed = torch.rand(count, generator=generator) < ranges.frame_probability
    white = framed & (torch.rand(count, generator=generator) < ranges.frame_white)
    angle = uniform(count, ranges.rotation_degrees * math.pi / 180, generator)
    zoom = torch.exp(uniform(count, ranges.zoom, generator))
    shrink = torch.exp(torch.rand(count, generator=generator) * ranges.frame_zoom)
    zoom = torch.where(framed, zoom.clamp(min=1) * shrink, zoom)
    stretch = torch.exp(uniform(count, ranges.stretch, generator))
    flip = torch.ones(count)
    if ranges.horizontal_flip:
        flip = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    shift = [uniform(count, 2 * ranges.shift, generator) for _ in range(2)]
    cosine, sine = torch.cos(angle), torch.sin(angle)
    matrix = torch.stack(
        [
            torch.stack([flip * cosine * zoom * stretch, -sine * zoom, shift[0]], 1),
            torch.stack([flip * sine * zoom, cosine * zoom / stretch, shift[1]], 1),
        ],
        1,
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    outside = white.to(images.dtype).view(-1, 1, 1, 1)
    # A white border takes the upper percentile, so that the picture in it comes out darker.
    dimmed = images * torch.where(white, 1 - 0.4 * torch.rand(count, generator=generator), 1.0).view(-1, 1, 1, 1)
    return functional.grid_sample(dimmed - outside, grid, padding_mode="zeros", align_corners=False) + outside


def change_intensity(images: Tensor, ranges: Augmentation, generator: torch.Generator) -> Tensor:
    """Gamma, contrast about the mean, brightness, noise; clipped to 0…1."""
    count = images.shape[0]
    gamma = torch.exp(uniform(count, ranges.gamma, generator)).view(-1, 1, 1, 1)
    contrast = torch.exp(uniform(count, ranges.contrast, generator)).view(-1, 1, 1, 1)
    brightness = uniform(count, ranges.brightness, generator).view(-1, 1, 1, 1)
    deviation = torch.rand(count, 1, 1, 1, generator=generator) * ranges.noise
    changed = images.clamp(0, 1) ** gamma
    mean = changed.mean(dim=(1, 2, 3), keepdim=True)
    changed = (changed - mean) * contrast + mean + brightness
    changed = changed + torch.randn(images.shape, generator=generator) * deviation
    return changed.clamp(0, 1)


def compress(images: Tensor, ranges: Augmentation, generator: torch.Generator) -> Tensor:
    """Store some of the images as JPEG and read them again."""
    if ranges.jpeg_probability == 0:
        return images
    low, high = ranges.jpeg_quality
    for image in images:
        chance, share = torch.rand(2, generator=generator).tolist()
        if chance < ranges.jpeg_probability:
            stored = jpeg((image[0] * 255).round().byte().numpy(), round(low + share * (high - low)))
            image[0] = torch.from_numpy(stored) / 255
    return images


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """uint8 [H, W] as it comes out of a JPEG file."""
    stored = BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", quality=quality)
    return np.array(Image.open(stored))


def erase(images: Tensor, ranges: Augmentation, generator: torch.Generator) -> Tensor:
    """Blank one rectangle in some of the images (Zhong et al. 2017, arXiv:1708.04896)."""
    if ranges.erase_probability == 0:
        return images
    height, width = images.shape[-2:]
    for image in images:
        chance, tall, wide, down, right = torch.rand(5, generator=generator).tolist()
        if chance < ranges.erase_probability:
            rows, columns = (max(1, int(part * ranges.erase_side * side)) for part, side in ((tall, height), (wide, width)))
            top, left = int(down * (height - rows)), int(right * (width - columns))
            image[:, top : top + rows, left : left + columns] = 0
    return images


def uniform(count: int, limit: float, generator: torch.Generator) -> Tensor:
    """[count] numbers between −limit and limit."""
    return (torch.rand(count, generator=generator) * 2 - 1) * limit
