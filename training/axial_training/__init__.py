"""Training, evaluation and export of Axial's model packages."""
