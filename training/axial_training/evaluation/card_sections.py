"""Sections of a card that are written after the card itself."""

from pathlib import Path


def put_section(card: Path, heading: str, text: str, following: str) -> None:
    """Put a section before the one whose heading starts with `following`, in the place of an earlier one of its heading."""
    title, *sections = card.read_text().split("\n## ")
    kept = [section for section in sections if section.partition("\n")[0] != heading]
    place = next((i for i, section in enumerate(kept) if section.startswith(following)), len(kept))
    kept.insert(place, f"{heading}\n\n{text.strip()}\n")
    card.write_text("\n## ".join([title, *kept]).rstrip() + "\n")
