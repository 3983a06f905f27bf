/** A DICOM upper layer PDU (PS3.8 9.3), whose length field may lie. */
export function pdu(type: number, length: number, content = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(length, 2);
  return Buffer.concat([header, content]);
}

/** A-ASSOCIATE-RQ (PS3.8 9.3.2) that proposes Verification, for tests that speak by hand. */
export function associationRequest(calledTitle: string, callingTitle: string): Buffer {
  const context = item(
    0x20,
    Buffer.concat([
      Buffer.of(1, 0, 0, 0),
      text(0x30, "1.2.840.10008.1.1"),
      text(0x40, "1.2.840.10008.1.2"),
    ]),
  );
  const maxLength = Buffer.alloc(4);
  maxLength.writeUInt32BE(16_384);
  const user = item(0x50, item(0x51, maxLength));
  const body = Buffer.concat([
    Buffer.of(0, 1, 0, 0),
    Buffer.from(calledTitle.padEnd(16) + callingTitle.padEnd(16), "latin1"),
    Buffer.alloc(32),
    text(0x10, "1.2.840.10008.3.1.1.1"),
    context,
    user,
  ]);
  return pdu(0x01, body.length, body);
}

const text = (type: number, value: string) => item(type, Buffer.from(value, "latin1"));

function item(type: number, content: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(content.length, 2);
  return Buffer.concat([header, content]);
}
