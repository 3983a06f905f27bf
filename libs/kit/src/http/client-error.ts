import type { Socket } from "node:net";
import { AxialError, newId, PROBLEM_MEDIA_TYPE, toProblem } from "@axial/contracts";

/**
 * Answers what is no HTTP request (a malformed request line, headers beyond Node's limit) with a
 * problem document, and ends the connection: hooks and routes never see it.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") {
    socket.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
    return;
  }
  const detail =
    error.code === "HPE_HEADER_OVERFLOW" ? "its headers are too long" : "it is not an HTTP request";
  const problem = toProblem(new AxialError("invalid-request", { detail }), newId());
  const body = JSON.stringify(problem);
  const head = [
    "HTTP/1.1 400 Bad Request",
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "X-Content-Type-Options: nosniff",
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end([...head, "", body].join("\r\n"));
}
