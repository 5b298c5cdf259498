// Bytes of texts and texts of bytes, for k6's own modules.

// Of a string its UTF-8; of a buffer or a view what it holds.
export function textToBytes(input) {
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (Array.isArray(input)) return Uint8Array.from(input);
  if (typeof input !== 'string') throw new TypeError(`a string or an ArrayBuffer is expected, not ${typeof input}`);
  const bytes = [];
  for (const character of input) {
    const code = character.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code >= 0xd800 && code < 0xe000) bytes.push(0xef, 0xbf, 0xbd);
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(bytes);
}

// The end and the code point of what starts at a byte; U+FFFD for what is no UTF-8.
function decodeOne(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [at + 1, first];
  const more = first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
  let code = first & (0x3f >> more);
  for (let i = 1; i <= more; ++i) {
    if (at + i >= bytes.length || (bytes[at + i] & 0xc0) !== 0x80) return [at + 1, 0xfffd];
    code = (code << 6) | (bytes[at + i] & 63);
  }
  const isTooLong = (more === 2 && code < 0x800) || (more === 3 && code < 0x10000);
  const isNone = more === 0 || isTooLong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
  return isNone ? [at + 1, 0xfffd] : [at + more + 1, code];
}

export function bytesToText(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const [next, code] = decodeOne(bytes, at);
    text += String.fromCodePoint(code);
    at = next;
  }
  return text;
}
