"""A modality by pynetdicom: stores a file, asks for storage commitment, releases, and prints the
report that comes on an association of the archive's own.

modality.py AXIAL_PORT OWN_PORT FILE [MISSING_UID]
"""

import json
import sys
import threading

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

axial_port, own_port, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
reported = threading.Event()
report = {}


def on_report(event):
    told = event.event_information
    report.update(
        event=event.event_type,
        transaction=told.TransactionUID,
        stored=[one.ReferencedSOPInstanceUID for one in told.get("ReferencedSOPSequence", [])],
        failed=[
            [one.ReferencedSOPInstanceUID, one.FailureReason]
            for one in told.get("FailedSOPSequence", [])
        ],
    )
    reported.set()
    return 0x0000, None


file = dcmread(path)
ae = AE(ae_title="MODALITY")
ae.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
server = ae.start_server(
    ("127.0.0.1", own_port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, on_report)]
)
ae.add_requested_context(file.SOPClassUID, file.file_meta.TransferSyntaxUID)
ae.add_requested_context(StorageCommitmentPushModel)
association = ae.associate("127.0.0.1", axial_port, ae_title="AXIAL_COMMIT")
assert association.is_established, "the association was not accepted"
stored = association.send_c_store(file).Status

action = Dataset()
action.TransactionUID = generate_uid()
action.ReferencedSOPSequence = []
for uid in [file.SOPInstanceUID, *sys.argv[4:]]:
    item = Dataset()
    item.ReferencedSOPClassUID = file.SOPClassUID
    item.ReferencedSOPInstanceUID = uid
    action.ReferencedSOPSequence.append(item)
status, _ = association.send_n_action(
    action, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
)
# Gone before Axial can have looked: the report needs an association of its own.
association.abort()
came = reported.wait(60)
server.shutdown()
print(json.dumps({"status": stored, "action": status.Status, "asked": action.TransactionUID,
                  "came": came, **report}))
