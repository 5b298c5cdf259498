// The module k6/crypto (k6 reference, §11.5).

import { b64encode } from 'k6/encoding';
import { textToBytes } from 'gantry:bytes';
import { digest, randomFill } from 'gantry:vu';

const kAlgorithms = ['md4', 'md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha512_224', 'sha512_256', 'ripemd160'];

export function hexEncode(input) {
  return Array.from(textToBytes(input), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const kOutputs = {
  hex: hexEncode,
  base64: (buffer) => b64encode(buffer),
  base64url: (buffer) => b64encode(buffer, 'url'),
  base64rawurl: (buffer) => b64encode(buffer, 'rawurl'),
  binary: (buffer) => buffer,
};

function encode(buffer, encoding) {
  const output = kOutputs[encoding];
  if (output === undefined) throw new Error(`unknown output encoding ${encoding}: there are ${Object.keys(kOutputs).join(', ')}`);
  return output(buffer);
}

class Hasher {
  #algorithm;
  #key;
  #parts = [];

  constructor(algorithm, key) {
    if (!kAlgorithms.includes(algorithm)) throw new Error(`unknown hash ${algorithm}: there are ${kAlgorithms.join(', ')}`);
    this.#algorithm = algorithm;
    this.#key = key === undefined ? undefined : textToBytes(key);
  }

  update(input) {
    this.#parts.push(textToBytes(input).slice());
  }

  digest(encoding) {
    const whole = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return encode(digest(this.#algorithm, whole, this.#key), encoding);
  }
}

export function createHash(algorithm) {
  return new Hasher(algorithm);
}

export function createHMAC(algorithm, key) {
  return new Hasher(algorithm, key);
}

export function hmac(algorithm, key, input, encoding) {
  const hasher = createHMAC(algorithm, key);
  hasher.update(input);
  return hasher.digest(encoding);
}

function hash(algorithm) {
  return (input, encoding) => {
    const hasher = createHash(algorithm);
    hasher.update(input);
    return hasher.digest(encoding);
  };
}

export const md4 = hash('md4');
export const md5 = hash('md5');
export const sha1 = hash('sha1');
export const sha256 = hash('sha256');
export const sha384 = hash('sha384');
export const sha512 = hash('sha512');
export const sha512_224 = hash('sha512_224');
export const sha512_256 = hash('sha512_256');
export const ripemd160 = hash('ripemd160');

export function randomBytes(size) {
  if (!Number.isInteger(size) || size < 1) throw new Error('randomBytes() takes a whole number above 0');
  const bytes = new Uint8Array(size);
  randomFill(bytes);
  return bytes.buffer;
}

export default {
  createHMAC, createHash, hexEncode, hmac, md4, md5, randomBytes, ripemd160, sha1, sha256, sha384, sha512, sha512_224, sha512_256,
};
