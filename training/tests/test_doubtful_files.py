"""Lists of slices that are not what their label says."""

import csv
from pathlib import Path

from axial_training.families.brain_tumour import FAILURES
from axial_training.families.doubtful_files import doubtful_files, doubtful_phrase
from axial_training.families.split_images import SPLITS


def test_doubtful_files_are_named_by_folder(tmp_path: Path):
    table = tmp_path / "doubtful.csv"
    table.write_text("file,label\nb/0002.jpg,b\na/0010.jpg,a\nb/0001.jpg,b\n")
    assert doubtful_phrase(table) == "a 0010; b 0001, 0002"
    assert doubtful_files(tmp_path / "none.csv") == set()


def test_cards_name_what_is_doubtful():
    for file in doubtful_files(SPLITS / "brain-tumour-doubtful.csv"):
        assert Path(file).parent.name in FAILURES and Path(file).stem in FAILURES


def test_what_is_listed_is_in_the_split():
    with (SPLITS / "brain-tumour.csv").open(newline="", encoding="utf-8") as stream:
        known = {row["file"] for row in csv.DictReader(stream)}
    ct = doubtful_files(SPLITS / "brain-tumour-ct.csv")
    assert len(ct) == 58 and ct | doubtful_files(SPLITS / "brain-tumour-doubtful.csv") <= known
    assert f"{len(ct)} of its" in FAILURES
