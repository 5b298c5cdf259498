// The module k6/encoding (k6 reference, §11.5).

import { bytesToText, textToBytes } from 'gantry:bytes';

const kStandard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const kVariants = {
  std: { alphabet: kStandard, pads: true },
  rawstd: { alphabet: kStandard, pads: false },
  url: { alphabet: kStandard.slice(0, 62) + '-_', pads: true },
  rawurl: { alphabet: kStandard.slice(0, 62) + '-_', pads: false },
};

// One that there is none of is the usual one, as in k6.
function variantOf(name) {
  return Object.hasOwn(kVariants, name) ? kVariants[name] : kVariants.std;
}

export function b64encode(input, encoding) {
  const { alphabet, pads } = variantOf(encoding);
  const bytes = textToBytes(input);
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet[group >> 18] + alphabet[(group >> 12) & 63];
    text += i + 1 < bytes.length ? alphabet[(group >> 6) & 63] : pads ? '=' : '';
    text += i + 2 < bytes.length ? alphabet[group & 63] : pads ? '=' : '';
  }
  return text;
}

export function b64decode(input, encoding, format) {
  const { alphabet, pads } = variantOf(encoding);
  const text = String(input).replace(/[\r\n]/g, '');
  const digits = pads ? text.replace(/={1,2}$/, '') : text;
  if ((pads && text.length % 4 !== 0) || digits.length % 4 === 1) throw new Error('illegal base64 data: its length is wrong');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let group = 0;
  for (let i = 0, at = 0; i < digits.length; ++i) {
    const digit = alphabet.indexOf(digits[i]);
    if (digit < 0) throw new Error(`illegal base64 data at input byte ${i}`);
    group = ((group << 6) | digit) & 0xffffff;
    if (i % 4 !== 0) bytes[at++] = (group >> (6 - 2 * (i % 4))) & 0xff;
  }
  return format === 's' ? bytesToText(bytes) : bytes.buffer;
}

export default { b64encode, b64decode };
