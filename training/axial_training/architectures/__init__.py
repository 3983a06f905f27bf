"""Network architectures. Every classifier maps normalised float images to `features` and class maps."""
