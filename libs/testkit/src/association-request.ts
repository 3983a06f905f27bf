/** A DICOM upper layer PDU (PS3.8 9.3), whose length field may lie. */
export function pdu(type: number, length: number, content = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(length, 2);
  return Buffer.concat([header, content]);
}

const VERIFICATION = "1.2.840.10008.1.1";
const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
const [COMMAND, LAST] = [0x01, 0x02];

/**
 * A-ASSOCIATE-RQ (PS3.8 9.3.2) that proposes one SOP class, Verification unless told, for tests that
 * speak by hand.
 */
export function associationRequest(
  calledTitle: string,
  callingTitle: string,
  sopClassUid = VERIFICATION,
): Buffer {
  const context = item(
    0x20,
    Buffer.concat([
      Buffer.of(1, 0, 0, 0),
      text(0x30, sopClassUid),
      text(0x40, EXPLICIT_LITTLE_ENDIAN),
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

interface NamedDataset {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Without file meta information. */
  readonly dataset: Buffer;
}

/** A C-STORE-RQ (PS3.7 9.3.1) whose command may say what its data set does not. */
export function storeRequest({ sopClassUid, sopInstanceUid, dataset }: NamedDataset): Buffer {
  const command = Buffer.concat([
    uid(0x0002, sopClassUid),
    ...[us(0x0100, 0x0001), us(0x0110, 1), us(0x0700, 0), us(0x0800, 0)],
    uid(0x1000, sopInstanceUid),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(command.length);
  const whole = Buffer.concat([element(0x0000, length), command]);
  return Buffer.concat([dataPdu(COMMAND | LAST, whole), dataPdu(LAST, dataset)]);
}

function dataPdu(control: number, bytes: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt32BE(bytes.length + 2);
  header.writeUInt8(1, 4);
  header.writeUInt8(control, 5);
  return pdu(0x04, header.length + bytes.length, Buffer.concat([header, bytes]));
}

const uid = (number: number, value: string) =>
  element(number, Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, "latin1"));

function us(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return element(number, bytes);
}

/** Of group 0000, in Implicit VR Little Endian. */
function element(number: number, value: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(number, 2);
  header.writeUInt32LE(value.length, 4);
  return Buffer.concat([header, value]);
}
