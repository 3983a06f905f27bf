"""Readers for the layouts in which the field publishes its data."""
