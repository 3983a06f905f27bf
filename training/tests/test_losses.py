"""Targets, weights and the ordinal loss."""

import torch

from axial_training.families.family import Head, Label
from axial_training.learning.losses import earth_mover, heads_loss, label_weights, smooth_targets


def head(count: int, ordinal: bool = False) -> Head:
    return Head("h", "probabilities", tuple(Label(str(i), str(i)) for i in range(count)), ordinal)


def test_ordinal_smoothing_goes_to_neighbours():
    targets = smooth_targets(torch.tensor([[0], [2]]), (head(5, ordinal=True),), 0.1)
    torch.testing.assert_close(targets[0], torch.tensor([0.9, 0.1, 0, 0, 0]))
    torch.testing.assert_close(targets[1], torch.tensor([0, 0.05, 0.9, 0.05, 0]))


def test_mean_weight_of_an_example_is_one():
    labels = torch.tensor([[0]] * 90 + [[1]] * 10)
    weights = label_weights(labels, (head(2),), 0.5)
    assert weights[1] > weights[0]
    torch.testing.assert_close(weights[labels[:, 0]].mean(), torch.tensor(1.0))


def test_earth_mover_grows_with_distance():
    truth = torch.tensor([[1.0, 0, 0, 0]])
    near, far = torch.tensor([[-9.0, 9, -9, -9]]), torch.tensor([[-9.0, -9, -9, 9]])
    one = torch.ones(1)
    assert earth_mover(far, truth, one) > 2.5 * earth_mover(near, truth, one)


def test_an_image_counts_as_much_as_its_share():
    heads = (head(2), head(3, ordinal=True))
    targets = smooth_targets(torch.tensor([[0, 0], [1, 2]]), heads, 0.0)
    logits = torch.tensor([[2.0, 0, 3, 0, 0], [2.0, 0, 3, 0, 0]])
    alone = heads_loss(logits[:1], targets[:1], torch.ones(5), heads)
    torch.testing.assert_close(heads_loss(logits, targets, torch.ones(5), heads, torch.tensor([1.0, 0.0])), alone)


def test_heads_are_read_from_their_own_columns():
    heads = (head(2), head(3))
    targets = smooth_targets(torch.tensor([[1, 2]]), heads, 0.0)
    right = torch.tensor([[-20.0, 20, -20, -20, 20]])
    assert heads_loss(right, targets, torch.ones(5), heads) < 1e-6
    assert heads_loss(-right, targets, torch.ones(5), heads) > 1
