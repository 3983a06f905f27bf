"""Percentiles and letterbox as model.json states them."""

import numpy as np
from PIL import Image

from axial_training.preprocessing.intensity import stretch_percentiles
from axial_training.preprocessing.letterbox import letterbox


def test_percentiles_map_to_the_ends():
    pixels = np.arange(1001, dtype=np.uint16).reshape(7, 143) * 3
    stretched = stretch_percentiles(pixels, 10, 90)
    assert stretched.dtype == np.uint8
    assert (stretched.ravel()[:101] == 0).all() and (stretched.ravel()[900:] == 255).all()
    assert stretched.ravel()[500] == 128  # 127.5 rounds up


def test_flat_image_becomes_black():
    assert not stretch_percentiles(np.full((4, 4), 9), 0.5, 99.5).any()


def test_letterbox_centres_and_pads_with_black():
    image = np.full((40, 20), 200, np.uint8)
    square = letterbox(image, 16)
    assert square.shape == (16, 16)
    assert (square[:, 4:12] == 200).all() and not square[:, :4].any() and not square[:, 12:].any()


def test_letterbox_is_pillows_bilinear():
    image = np.random.default_rng(0).integers(0, 256, (50, 50), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(image).resize((16, 16), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(letterbox(image, 16), expected)
