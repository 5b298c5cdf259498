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

const kUtf8 = ['', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf-8', 'utf8', 'x-unicode20utf8'];
const kUtf16Le = ['csunicode', 'iso-10646-ucs-2', 'ucs-2', 'unicode', 'unicodefeff', 'utf-16', 'utf-16le'];
const kUtf16Be = ['unicodefffe', 'utf-16be'];

function encodingOf(label) {
  const name = String(label ?? 'utf-8').toLowerCase().trim();
  if (kUtf8.includes(name)) return 'utf-8';
  if (kUtf16Le.includes(name)) return 'utf-16le';
  if (kUtf16Be.includes(name)) return 'utf-16be';
  throw new RangeError(`unsupported encoding: ${label}`);
}

// How many bytes at the end begin a character that more bytes would end.
function openUtf8(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; ++back) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1) > back ? back : 0;
  }
  return 0;
}

// The global of that name (k6 reference, §3.3): UTF-8 and UTF-16, at once or piece by piece.
export class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #kept = new Uint8Array();
  #isBegun = false;

  constructor(label, options) {
    this.#encoding = encodingOf(label);
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }
  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }

  decode(input, options) {
    const given = textToBytes(input ?? new ArrayBuffer(0));
    const bytes = new Uint8Array(this.#kept.length + given.length);
    bytes.set(this.#kept);
    bytes.set(given, this.#kept.length);
    const goesOn = Boolean(options?.stream);
    const held = goesOn ? this.#open(bytes) : 0;
    this.#kept = bytes.slice(bytes.length - held);
    const [text, isWhole] = this.#textOf(bytes.subarray(0, bytes.length - held));
    const hasMark = !this.#isBegun && !this.#ignoreBOM && text.startsWith('\ufeff');
    this.#isBegun = goesOn && (this.#isBegun || text !== '');
    if (this.#fatal && !isWhole) {
      this.#kept = new Uint8Array();
      this.#isBegun = false;
      throw new TypeError('decoding text: invalid byte sequence');
    }
    return hasMark ? text.slice(1) : text;
  }

  #open(bytes) {
    if (this.#encoding === 'utf-8') return openUtf8(bytes);
    const odd = bytes.length % 2;
    const high = bytes[bytes.length - odd - (this.#encoding === 'utf-16le' ? 1 : 2)];
    return odd + (high >= 0xd8 && high < 0xdc ? 2 : 0);
  }

  // And whether it is all that the bytes mean.
  #textOf(bytes) {
    let text = '';
    let isWhole = true;
    const add = (code, isOne) => {
      text += String.fromCodePoint(code);
      isWhole = isWhole && isOne;
    };
    if (this.#encoding === 'utf-8') {
      for (let at = 0; at < bytes.length; ) {
        const [next, code] = decodeOne(bytes, at);
        add(code, code !== 0xfffd || next === at + 3);
        at = next;
      }
      return [text, isWhole];
    }
    const first = this.#encoding === 'utf-16le' ? 0 : 1;
    const unit = (at) => bytes[at + first] | (bytes[at + 1 - first] << 8);
    for (let at = 0; at < bytes.length; at += 2) {
      if (at + 1 === bytes.length) {
        add(0xfffd, false);
        break;
      }
      const one = unit(at);
      const isHigh = one >= 0xd800 && one < 0xdc00;
      const low = isHigh && at + 3 < bytes.length ? unit(at + 2) : 0;
      if (isHigh && low >= 0xdc00 && low < 0xe000) {
        add(0x10000 + ((one - 0xd800) << 10) + (low - 0xdc00), true);
        at += 2;
      } else {
        const isLone = one >= 0xd800 && one < 0xe000;
        add(isLone ? 0xfffd : one, !isLone);
      }
    }
    return [text, isWhole];
  }
}
