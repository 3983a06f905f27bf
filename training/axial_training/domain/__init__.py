"""Telling images that a finished model does not know, by its own features."""
