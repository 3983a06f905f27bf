"""The commands and their options."""

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path

import torch

from axial_training.datasets.image_folder import read_manifest
from axial_training.datasets.near_duplicates import join_near_duplicates
from axial_training.datasets.splits import continued_split, read_sides, read_split, split_by_group, write_splits
from axial_training.domain.apply_domain import apply_domain
from axial_training.domain.recipes import DOMAINS
from axial_training.evaluation.apply_agreement import apply_agreement
from axial_training.evaluation.measured import Measured
from axial_training.evaluation.split_seeds import measure_seeds
from axial_training.evaluation.tears import measure_tears
from axial_training.families import brain_tumour, knee_oa_kl
from axial_training.families.registry import FAMILIES, UNPACKED
from axial_training.families.site_data import FITTING, LAYOUTS, site_family
from axial_training.families.split_images import DOUBTFUL_SUFFIX, SPLITS
from axial_training.families.stages import with_stages
from axial_training.learning.doubtful_labels import find_doubtful, write_doubts
from axial_training.learning.explainer_training import train_explainer
from axial_training.learning.fitting import fit
from axial_training.learning.pseudo_labels import pseudo_label, write_pseudo_labels
from axial_training.learning.run_commands import RunCommand, note_command, read_commands
from axial_training.package.apply_thresholds import apply_thresholds
from axial_training.package.unpack_weights import started_from, unpack_package
from axial_training.package.write_package import write_package
from axial_training.tiny_model import write_tiny_model

RUNS = Path("training/runs")
SPLIT_SEED = 20261120
ALIKE = {brain_tumour.FOLDER: brain_tumour.ALIKE}  # knee films: no two are as alike as copies are
LABEL_COLUMNS = {family.FOLDER: family.LABEL_COLUMNS for family in (brain_tumour, knee_oa_kl)}


def main() -> None:
    """Parse the command line and run the command."""
    options = build_parser().parse_args()
    options.run(options)


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    parser = argparse.ArgumentParser(prog="axial_training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    split = commands.add_parser("split", help="divide a manifest's images by group and write training/splits/NAME.csv")
    split.add_argument("name", choices=sorted(LABEL_COLUMNS), help="folder under DATA")
    split.add_argument("--data", type=Path, required=True)
    split.add_argument("--seed", type=int, default=SPLIT_SEED)
    split.add_argument(
        "--first", type=Path, help="the split that weights were trained on: write NAME-continued.csv to measure them on"
    )
    split.set_defaults(run=run_split)
    doubt = commands.add_parser("doubt", help="list the images whose labels are doubtful beside their split")
    doubt.add_argument("family", choices=sorted(name for name in FAMILIES if name.startswith("brain-tumour")))
    doubt.add_argument("--data", type=Path, required=True)
    doubt.set_defaults(run=run_doubt)
    seeds = commands.add_parser("seeds", help="how far a test figure depends on the split's seed, by a stand-in")
    seeds.add_argument("family", choices=sorted(name for name in FAMILIES if name.startswith("brain-tumour")))
    seeds.add_argument("--data", type=Path, required=True)
    seeds.add_argument("--count", type=int, default=10, help="seeds: the committed split's and those that follow it")
    seeds.set_defaults(run=run_seeds)
    tiny = commands.add_parser("tiny", help="write the test model")
    tiny.add_argument("--out", type=Path, required=True)
    tiny.set_defaults(run=run_tiny)
    train = commands.add_parser("train", help="train a family; a run that stopped goes on with --resume")
    train.add_argument("family", choices=sorted(FAMILIES))
    train.add_argument("--data", type=Path, required=True, help="folder that holds the data sets and start weights")
    train.add_argument("--out", type=Path, required=True, help="package folder, models/ID/VERSION")
    train.add_argument(
        "--epochs", type=int, nargs="+", help="epochs of each stage, or one number for all, instead of the recipe's"
    )
    train.add_argument("--rate", type=float, help="peak learning rate of each stage, instead of the recipe's")
    train.add_argument(
        "--minutes", type=float, default=math.inf, help="longest time of each stage; the learning rate falls with the clock"
    )
    train.add_argument("--resume", action="store_true")
    train.add_argument("--threads", type=int, default=0, help="CPU threads; 0 lets PyTorch decide")
    train.add_argument(
        "--layout", choices=sorted(LAYOUTS), help="DATA is a site's own copy of this published set, instead of phantoms"
    )
    train.add_argument("--start", type=Path, help="a package of the family to start from")
    train.set_defaults(run=run_train)
    explain = commands.add_parser("explain", help="fit the explainer to the best weights of a run again")
    explain.add_argument("family", choices=sorted(name for name, family in FAMILIES.items() if family.explainer))
    explain.add_argument("--data", type=Path, required=True)
    explain.add_argument("--threads", type=int, default=0)
    explain.set_defaults(run=run_explain)
    package = commands.add_parser("package", help="export and measure again from the best weights of a run")
    package.add_argument("family", choices=sorted(FAMILIES))
    package.add_argument("--data", type=Path, required=True)
    package.add_argument("--out", type=Path, required=True)
    package.add_argument("--unpack", type=Path, help="a package whose weights are exported and measured again")
    package.set_defaults(run=run_package)
    pseudo = commands.add_parser("pseudo", help="write a package's answers for the knee films that have no grade")
    pseudo.add_argument("--data", type=Path, required=True)
    pseudo.add_argument("--package", type=Path, required=True, help="models/knee-oa-kl-cnn/VERSION")
    pseudo.set_defaults(run=run_pseudo)
    tears = commands.add_parser("tears", help="where the maps of an ACL package lie in real torn knees")
    tears.add_argument("--data", type=Path, required=True)
    tears.add_argument("--package", type=Path, required=True)
    tears.set_defaults(run=run_tears)
    agreement = commands.add_parser(
        "agreement", help="set on validation when a package's answer for a series is indeterminate"
    )
    agreement.add_argument("family", choices=sorted(name for name, family in FAMILIES.items() if family.series_from))
    agreement.add_argument("--data", type=Path, required=True)
    agreement.add_argument("--package", type=Path, required=True, help="package folder, models/ID/VERSION; it is rewritten")
    agreement.set_defaults(run=run_agreement)
    thresholds = commands.add_parser("thresholds", help="set on validation when a package's answer is indeterminate")
    thresholds.add_argument("family", choices=sorted(FAMILIES))
    thresholds.add_argument("--data", type=Path, required=True)
    thresholds.add_argument("--package", type=Path, required=True, help="package folder, models/ID/VERSION; it is rewritten")
    thresholds.set_defaults(run=run_thresholds)
    domain = commands.add_parser("domain", help="fit to a finished package what tells images apart that it does not know")
    domain.add_argument("family", choices=sorted(DOMAINS))
    domain.add_argument("--data", type=Path, required=True)
    domain.add_argument("--package", type=Path, required=True, help="package folder, models/ID/VERSION; it is rewritten")
    domain.set_defaults(run=run_domain)
    return parser


def run_train(options: argparse.Namespace) -> None:
    """Train a family and write its package."""
    if options.threads:
        torch.set_num_threads(options.threads)
    family, run = FAMILIES[options.family], RUNS / options.family
    if options.layout:
        if options.layout not in FITTING.get(family.id, ()):
            raise SystemExit(f"{family.id} is trained on {' or '.join(FITTING.get(family.id, ())) or 'no such layout'}")
        family, run = site_family(family, options.layout, options.start), RUNS / f"{family.id}-{options.layout}"
    elif options.start:
        family = started_from(family, options.start)
    family = with_stages(family, epochs=options.epochs, rate=options.rate)
    note_command(run, family, command_of(options), options.resume)
    fit(family, options.data, run, options.resume, options.minutes)
    if family.explainer:
        train_explainer(family, options.data, run, options.threads)
    print_measured(write_package(family, options.data, run, options.out))


def command_of(options: argparse.Namespace) -> RunCommand:
    """What the card says of this command."""
    return RunCommand(
        start="" if options.start is None else f"PATH/{'/'.join(options.start.parts[-2:])}",
        layout=options.layout or "",
        rate=options.rate,
        epochs=None if options.epochs is None else tuple(options.epochs),
        minutes=None if math.isinf(options.minutes) else options.minutes,
    )


def run_explain(options: argparse.Namespace) -> None:
    """Fit the explainer of a run whose classifier has finished."""
    if options.threads:
        torch.set_num_threads(options.threads)
    train_explainer(FAMILIES[options.family], options.data, RUNS / options.family, options.threads)


def run_package(options: argparse.Namespace) -> None:
    """Write the package of a run that has finished."""
    family = FAMILIES[options.family]
    run = RUNS / family.id
    if options.unpack:
        run = RUNS / f"{family.id}-unpacked"
        family = UNPACKED.get(family.id, family)
        unpack_package(options.unpack, family.build(options.data), run)
    elif commands := read_commands(run):
        family = with_stages(family, rate=commands[-1].rate)
    print_measured(write_package(family, options.data, run, options.out))


def run_domain(options: argparse.Namespace) -> None:
    """Write distance, threshold and figures into a finished package."""
    print(json.dumps(asdict(apply_domain(FAMILIES[options.family], options.data, options.package)), indent=2))


def run_pseudo(options: argparse.Namespace) -> None:
    """Write the soft labels that training reads."""
    held = [
        options.data / knee_oa_kl.FOLDER / example.file
        for split in ("val", "test")
        for example in read_split(SPLITS / f"{knee_oa_kl.FOLDER}.csv", split)
    ]
    folder = options.data / knee_oa_kl.UNLABELLED
    labels = pseudo_label(options.package, folder, held, knee_oa_kl.ALIKE, SPLIT_SEED)
    write_pseudo_labels(knee_oa_kl.PSEUDO_LABELS, labels, [label.id for label in knee_oa_kl.HEAD.labels])
    print(f"{len(labels.files)} films")


def run_tears(options: argparse.Namespace) -> None:
    """Print the figures."""
    print(json.dumps(asdict(measure_tears(options.package, options.data)), indent=2))


def run_agreement(options: argparse.Namespace) -> None:
    """Write rule and figures into a finished package."""
    family = FAMILIES[options.family]
    figures = apply_agreement(options.package, options.data / family.series_from, SPLITS / family.series_split)
    print(json.dumps(asdict(figures), indent=2))


def run_thresholds(options: argparse.Namespace) -> None:
    """Write thresholds and figures into a finished package."""
    found = apply_thresholds(FAMILIES[options.family], options.data, options.package)
    print(json.dumps({name: asdict(one) for name, one in found.items()}, indent=2))


def print_measured(measured: Measured) -> None:
    """The test figures, as JSON."""
    figures = measured.values() | {"explanation": vars(measured.explanation), "validation": measured.validation_score}
    print(json.dumps(figures, indent=2))


def run_split(options: argparse.Namespace) -> None:
    """Write the split of a data set; with the default seed it is the committed one."""
    folder = options.data / options.name
    examples = read_manifest(folder, LABEL_COLUMNS[options.name])
    if options.name in ALIKE:
        examples = join_near_duplicates(examples, folder, ALIKE[options.name])
    if options.first:
        sides = continued_split(examples, read_sides(options.first))
        write_splits(SPLITS / f"{options.name}-continued.csv", examples, sides)
        return
    write_splits(SPLITS / f"{options.name}.csv", examples, split_by_group(examples, options.seed))


def run_doubt(options: argparse.Namespace) -> None:
    """Write the list; training counts those images less."""
    doubts = find_doubtful(FAMILIES[options.family], options.data)
    write_doubts(SPLITS / f"{brain_tumour.FOLDER}{DOUBTFUL_SUFFIX}", doubts)
    print(f"{len(doubts)} doubtful labels")


def run_seeds(options: argparse.Namespace) -> None:
    """Print the figures."""
    seeds = list(range(SPLIT_SEED, SPLIT_SEED + options.count))
    print(json.dumps(asdict(measure_seeds(FAMILIES[options.family], options.data, seeds)), indent=2))


def run_tiny(options: argparse.Namespace) -> None:
    """Write the test model."""
    write_tiny_model(options.out)
