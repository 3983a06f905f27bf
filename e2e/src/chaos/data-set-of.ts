const GROUP_LENGTH_ENDS = 144;

/** What follows a file's meta information, whose length its first element says (PS3.10 7.1). */
export function dataSetOf(file: Buffer): Buffer {
  return file.subarray(GROUP_LENGTH_ENDS + file.readUInt32LE(GROUP_LENGTH_ENDS - 4));
}
