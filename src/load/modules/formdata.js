// What scripts import as https://jslib.k6.io/formdata/…/index.js: bodies with several parts, built one by one (RFC 7578). Parts that have
// the same name stay as they are, which the object form of k6/http's bodies cannot say.

import { textToBytes } from 'gantry:bytes';

const kNames = { '"': '%22', '\r': '%0D', '\n': '%0A' };

function quote(text) {
  return `"${String(text).replace(/["\r\n]/g, (character) => kNames[character])}"`;
}

export class FormData {
  constructor() {
    this.boundary = `----GantryFormBoundary${Array.from({ length: 24 }, () => Math.trunc(Math.random() * 36).toString(36)).join('')}`;
    this.parts = [];
  }

  // `value`: text, bytes, or a file as http.file() makes it.
  append(name, value, filename) {
    const isFile = typeof value === 'object' && value !== null && value.data !== undefined;
    const data = isFile ? value.data : value;
    const isBytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data) || Array.isArray(data);
    this.parts.push({
      name,
      bytes: textToBytes(isBytes ? data : String(data)),
      filename: filename ?? (isFile ? value.filename ?? 'blob' : isBytes ? 'blob' : undefined),
      type: isFile ? value.content_type : undefined,
    });
  }

  body() {
    const pieces = [];
    for (const { name, bytes, filename, type } of this.parts) {
      const file = filename === undefined ? '' : `; filename=${quote(filename)}\r\nContent-Type: ${type ?? 'application/octet-stream'}`;
      pieces.push(textToBytes(`--${this.boundary}\r\nContent-Disposition: form-data; name=${quote(name)}${file}\r\n\r\n`), bytes, textToBytes('\r\n'));
    }
    pieces.push(textToBytes(`--${this.boundary}--\r\n`));
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.reduce((at, piece) => {
      whole.set(piece, at);
      return at + piece.length;
    }, 0);
    return whole.buffer;
  }
}

export default { FormData };
