// Bodies with files (k6 reference, §10.2; RFC 7578).

import { textToBytes } from 'gantry:bytes';

export class FileData {
  constructor(data, filename, contentType) {
    this.data = data;
    this.filename = filename;
    this.content_type = contentType;
  }
}

// k6's http.file(): a name that no other file has, where none is given.
export function file(data, filename, contentType) {
  return new FileData(data, filename ?? String(Date.now() * 1e6 + Math.trunc(Math.random() * 1e6)), contentType ?? 'application/octet-stream');
}

export function hasFile(fields) {
  return Object.values(fields).some((value) => value instanceof FileData);
}

function quote(text) {
  return `"${String(text).replace(/["\\]/g, '\\$&').replace(/[\r\n]/g, ' ')}"`;
}

function join(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole.buffer;
}

// The body's bytes and its Content-Type.
export function encodeMultipart(fields) {
  const boundary = Array.from({ length: 30 }, () => Math.trunc(Math.random() * 16).toString(16)).join('');
  const pieces = [];
  for (const [name, value] of Object.entries(fields)) {
    const isFile = value instanceof FileData;
    const more = isFile ? `; filename=${quote(value.filename)}\r\nContent-Type: ${value.content_type.replace(/[\r\n]/g, ' ')}` : '';
    pieces.push(textToBytes(`--${boundary}\r\nContent-Disposition: form-data; name=${quote(name)}${more}\r\n\r\n`));
    pieces.push(textToBytes(isFile ? value.data : String(value)), textToBytes('\r\n'));
  }
  pieces.push(textToBytes(`--${boundary}--\r\n`));
  return { bytes: join(pieces), contentType: `multipart/form-data; boundary=${boundary}` };
}
