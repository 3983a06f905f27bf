"""Fitting a network: augmentation, losses, schedule, weight averaging, the loop."""
