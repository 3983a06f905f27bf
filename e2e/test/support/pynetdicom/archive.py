"""An archive by pynetdicom, called PYARCHIVE. It stores in memory, answers C-FIND with FF01 (some keys
are not supported), and reports storage commitment on an association of its own, a while later.

archive.py OWN_PORT AXIAL_PORT [--refuses]: with --refuses it commits to nothing the first time.
Prints a line of JSON for what it does.
"""

import json
import sys
import threading

from pydicom.dataset import Dataset
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, build_role, evt
from pynetdicom.sop_class import (
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

own_port, axial_port = int(sys.argv[1]), int(sys.argv[2])
refuses = "--refuses" in sys.argv
stored = {}


def say(**what):
    print(json.dumps(what), flush=True)


def on_store(event):
    uid = event.request.AffectedSOPInstanceUID
    stored[uid] = event.request.AffectedSOPClassUID
    say(stored=uid)
    return 0x0000


def on_find(event):
    for uid in ("1.2.3.1", "1.2.3.2", "1.2.3.3"):
        match = Dataset()
        match.QueryRetrieveLevel = "STUDY"
        match.StudyInstanceUID = uid
        yield 0xFF01, match


def on_action(event):
    wanted = event.action_information
    threading.Timer(6.0, report, [wanted]).start()
    return 0x0000, None


def report(wanted):
    global refuses
    told = Dataset()
    told.TransactionUID = wanted.TransactionUID
    kept, failed = [], []
    for item in wanted.ReferencedSOPSequence:
        if refuses:
            item.FailureReason = 0x0213
        (failed if refuses else kept).append(item)
    event_type = 2 if failed else 1
    refuses = False
    if kept:
        told.ReferencedSOPSequence = kept
    if failed:
        told.FailedSOPSequence = failed
    ae = AE(ae_title="PYARCHIVE")
    ae.add_requested_context(StorageCommitmentPushModel)
    role = build_role(StorageCommitmentPushModel, scp_role=True)
    association = ae.associate("127.0.0.1", axial_port, ae_title="AXIAL", ext_neg=[role])
    if not association.is_established:
        say(reported=None)
        return
    status, _ = association.send_n_event_report(
        told, event_type, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
    )
    association.release()
    say(reported=status.Status, failed=len(failed))


ae = AE(ae_title="PYARCHIVE")
for context in AllStoragePresentationContexts:
    ae.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)
ae.add_supported_context(Verification)
ae.add_supported_context(StorageCommitmentPushModel)
ae.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
say(listening=own_port)
ae.start_server(
    ("127.0.0.1", own_port),
    evt_handlers=[
        (evt.EVT_C_STORE, on_store),
        (evt.EVT_C_FIND, on_find),
        (evt.EVT_N_ACTION, on_action),
    ],
)
