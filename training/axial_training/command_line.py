"""The commands and their options."""

import argparse
from pathlib import Path


def main() -> None:
    """Parse the command line and run the command."""
    options = build_parser().parse_args()
    options.run(options)


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = argparse.ArgumentParser(prog="axial_training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    tiny = commands.add_parser("tiny", help="write the test model")
    tiny.add_argument("--out", type=Path, required=True)
    tiny.set_defaults(run=run_tiny)
    return parser


def run_tiny(options: argparse.Namespace) -> None:
    """Write the test model."""
    from axial_training.tiny_model import write_tiny_model

    write_tiny_model(options.out)
