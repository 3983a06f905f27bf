export { dateTime, type Field, type Segment, writeMessage } from "./message.ts";
export { type Receiver, sendMessage } from "./send-message.ts";
