export {
  type Acknowledgement,
  listenMllp,
  type MllpServer,
} from "./listen-mllp.ts";
export { dateTime, type Field, type Message, type Segment, writeMessage } from "./message.ts";
export { type Receiver, sendMessage } from "./send-message.ts";
