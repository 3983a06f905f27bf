"""Phantoms repeat with their seed, and the box holds the lesion."""

import numpy as np
import pytest

from axial_training.phantoms.knee import COMPLETE, HEALTHY, PARTIAL, STRAIN, knee_series, knee_slice
from axial_training.phantoms.lumbar import SEVERE, Stenosis, draw_stenosis, lumbar_slice


@pytest.mark.parametrize("injury", [HEALTHY, STRAIN, PARTIAL, COMPLETE])
def test_knee_repeats_with_its_seed(injury: str):
    first, second = (knee_slice(np.random.default_rng(4), injury, 64) for _ in range(2))
    np.testing.assert_array_equal(first.image, second.image)
    assert np.isnan(first.box[0]) == (injury == HEALTHY)


def test_complete_rupture_is_bright_inside_its_box():
    item = knee_slice(np.random.default_rng(4), COMPLETE, 96)
    top, left, bottom, right = (round(v * 96) for v in item.box)
    inside = item.image[top:bottom, left:right]
    assert inside.size < 0.1 * item.image.size
    assert np.percentile(inside, 90) > np.median(item.image)


def test_series_shows_the_ligament_in_the_middle_only():
    series = knee_series(np.random.default_rng(4), COMPLETE, 64, 7)
    assert not np.isnan(series[3].box[0])
    assert np.isnan(series[0].box[0]) and np.isnan(series[6].box[0])


def test_severe_canal_narrows_the_recesses():
    random = np.random.default_rng(0)
    drawn = [draw_stenosis(random) for _ in range(300)]
    severe = [s for s in drawn if s.canal == SEVERE]
    assert severe and all(min(s.subarticular_left, s.subarticular_right) >= 1 for s in severe)


def test_left_is_on_the_right_of_the_image():
    normal, narrow = (lumbar_slice(np.random.default_rng(3), Stenosis(0, g, 0, 0, 0), 96)[0] for g in (0, 2))
    difference = np.abs(normal.astype(int) - narrow.astype(int))
    assert difference[:, 48:].sum() > difference[:, :48].sum()
