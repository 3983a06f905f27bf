"""Measuring a trained network and saying so in figures, tables and the card."""
