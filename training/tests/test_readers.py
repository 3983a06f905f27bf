"""Readers on small made-up trees of the published shape."""

import csv
import pickle
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from axial_training.datasets.image_folder import read_manifest
from axial_training.datasets.readers.kneemri import read_kneemri
from axial_training.datasets.readers.mrnet import PLANES, TASKS, read_mrnet
from axial_training.datasets.readers.rsna_lumbar import read_rsna_lumbar


def write_rows(path: Path, *rows: list) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)


def test_image_folder_joins_labels_and_falls_back_to_the_file_as_group(tmp_path: Path):
    write_rows(tmp_path / "manifest.csv", ["file", "tumour", "plane"], ["a.png", "glioma", "coronal"])
    (example,) = read_manifest(tmp_path, ["tumour", "plane"])
    assert (example.file, example.label, example.group) == ("a.png", "glioma-coronal", "a.png")


KNEEMRI_COLUMNS = [
    "examId", "seriesNo", "aclDiagnosis", "kneeLR", "roiX", "roiY", "roiZ", "roiHeight", "roiWidth", "roiDepth",
    "volumeFilename",
]  # fmt: skip


def write_kneemri(folder: Path, volume: np.ndarray) -> None:
    write_rows(folder / "metadata.csv", KNEEMRI_COLUMNS, [329637, 8, 2, 1, 5, 4, 2, 6, 7, 3, "329637-8.pck"])
    (folder / "vol01").mkdir()
    (folder / "vol01" / "329637-8.pck").write_bytes(pickle.dumps(volume, 2))


def test_kneemri_reads_volume_and_region(tmp_path: Path):
    volume = np.random.default_rng(0).integers(0, 4096, (8, 16, 20)).astype(np.int16)
    write_kneemri(tmp_path, volume)
    (exam,) = read_kneemri(tmp_path)
    assert (exam.exam, exam.diagnosis, exam.left) == ("329637", "complete", False)
    np.testing.assert_array_equal(exam.read(), volume)
    np.testing.assert_array_equal(exam.read_region(), volume[2:5, 4:10, 5:12])


def test_kneemri_refuses_more_than_twelve_bits(tmp_path: Path):
    write_kneemri(tmp_path, np.full((8, 16, 20), 5000, np.int16))
    with pytest.raises(ValueError, match="12-bit"):
        read_kneemri(tmp_path)[0].read()


def test_kneemri_names_a_missing_volume(tmp_path: Path):
    write_kneemri(tmp_path, np.zeros((2, 2, 2), np.int16))
    (tmp_path / "vol01" / "329637-8.pck").unlink()
    with pytest.raises(FileNotFoundError, match="329637-8.pck"):
        read_kneemri(tmp_path)


def write_mrnet(folder: Path) -> None:
    for plane in PLANES:
        target = folder / "train" / plane
        target.mkdir(parents=True)
        for exam in ("0000", "0001"):
            np.save(target / f"{exam}.npy", np.full((3, 8, 8), int(exam), np.uint8))
    for task in TASKS:
        write_rows(folder / f"train-{task}.csv", ["0000", 1], ["0001", 1 if task == "acl" else 0])


def test_mrnet_reads_planes_and_labels(tmp_path: Path):
    write_mrnet(tmp_path)
    first, second = read_mrnet(tmp_path, "train")
    assert first.labels == {"abnormal": True, "acl": True, "meniscus": True}
    assert second.labels == {"abnormal": False, "acl": True, "meniscus": False}
    assert second.read("sagittal").shape == (3, 8, 8)


def test_mrnet_refuses_pickled_arrays(tmp_path: Path):
    write_mrnet(tmp_path)
    np.save(tmp_path / "train" / "sagittal" / "0000.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError):
        read_mrnet(tmp_path, "train")[0].read("sagittal")


def write_dicom(path: Path, pixels: np.ndarray) -> None:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = pydicom.Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelData = pixels.astype("<u2").tobytes()
    path.parent.mkdir(parents=True)
    dataset.save_as(path, enforce_file_format=True)


def test_rsna_lumbar_reads_grades_marks_and_images(tmp_path: Path):
    columns = ["study_id", "spinal_canal_stenosis_l4_l5", "left_subarticular_stenosis_l5_s1",
               "right_neural_foraminal_narrowing_l1_l2"]  # fmt: skip
    write_rows(tmp_path / "train.csv", columns, [4003253, "Severe", "Normal/Mild", ""])
    write_rows(
        tmp_path / "train_label_coordinates.csv",
        ["study_id", "series_id", "instance_number", "condition", "level", "x", "y"],
        [4003253, 702807833, 8, "Spinal Canal Stenosis", "L4/L5", 322.8, 227.9],
    )
    write_rows(
        tmp_path / "train_series_descriptions.csv",
        ["study_id", "series_id", "series_description"],
        [4003253, 702807833, "Sagittal T2/STIR"],
        [4003253, 2448190387, "Axial T2"],
    )
    pixels = np.arange(48).reshape(6, 8)
    write_dicom(tmp_path / "train_images" / "4003253" / "2448190387" / "1.dcm", pixels)
    (study,) = read_rsna_lumbar(tmp_path)
    assert study.grades == {("canal", "L4/L5"): "severe", ("subarticular-left", "L5/S1"): "normal"}
    assert (study.marks[0].site, study.marks[0].instance, study.marks[0].x) == ("canal", 8, 322.8)
    assert study.axial_t2() == ["2448190387"]
    np.testing.assert_array_equal(study.read_instance("2448190387", 1), pixels)
