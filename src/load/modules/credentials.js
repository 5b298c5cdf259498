// How a request says who asks: digest (RFC 7616) and NTLM (MS-NLMP, its second version), for the answers' challenges (k6 reference, §10.3).

import { textToBytes } from 'gantry:bytes';
import { digest, randomFill } from 'gantry:vu';
import { hexEncode } from 'k6/crypto';
import { b64decode, b64encode } from 'k6/encoding';

const kHashes = { 'MD5': 'md5', 'SHA-256': 'sha256' };

function randomBytes(count) {
  const bytes = new Uint8Array(count);
  randomFill(bytes);
  return bytes;
}

// {realm, nonce, …} of the first challenge of that scheme; nothing where there is none.
function findChallenge(header, scheme) {
  const match = new RegExp(`(?:^|,\\s*)${scheme}(?:\\s+(.*))?$`, 'i').exec(header ?? '');
  if (match === null) return undefined;
  const values = {};
  for (const [, name, quoted, plain] of (match[1] ?? '').matchAll(/([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
    values[name.toLowerCase()] ??= quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
  }
  return values;
}

// The Authorization of a request, for the WWW-Authenticate of an answer; nothing where that asks for none, or in a way that is not known.
export function answerDigest(header, { method, uri, user, password }, cnonce = hexEncode(randomBytes(8))) {
  const challenge = findChallenge(header, 'Digest');
  if (challenge?.nonce === undefined) return undefined;
  const algorithm = challenge.algorithm ?? 'MD5';
  const isSession = /-sess$/i.test(algorithm);
  const name = kHashes[algorithm.replace(/-sess$/i, '').toUpperCase()];
  const offered = (challenge.qop ?? '').split(',').map((one) => one.trim());
  const qop = offered.includes('auth') ? 'auth' : undefined;
  if (name === undefined || (challenge.qop !== undefined && qop === undefined)) return undefined;
  const hash = (...parts) => hexEncode(digest(name, textToBytes(parts.join(':'))));
  const realm = challenge.realm ?? '';
  const plain = hash(user, realm, password);
  const secret = isSession ? hash(plain, challenge.nonce, cnonce) : plain;
  const count = '00000001';
  const asked = hash(method, uri);
  const response = qop === undefined ? hash(secret, challenge.nonce, asked) : hash(secret, challenge.nonce, count, cnonce, qop, asked);
  const quote = (text) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const fields = [
    `username=${quote(user)}`, `realm=${quote(realm)}`, `nonce=${quote(challenge.nonce)}`, `uri=${quote(uri)}`, `response="${response}"`, `algorithm=${algorithm}`,
  ];
  if (qop !== undefined) fields.push(`qop=${qop}`, `nc=${count}`);
  if (qop !== undefined || isSession) fields.push(`cnonce="${cnonce}"`);
  if (challenge.opaque !== undefined) fields.push(`opaque=${quote(challenge.opaque)}`);
  return `Digest ${fields.join(', ')}`;
}

const kSignature = 'NTLMSSP\0';
// MS-NLMP, §2.2.2.5: Unicode, the target's name, NTLM, sign always, extended session security, target info, 128 and 56 bits.
const kFlags = 0xa0888205;

function utf16(text) {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; ++i) bytes.set([text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8], 2 * i);
  return bytes;
}

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function hmac(key, ...parts) {
  return new Uint8Array(digest('md5', join(...parts), key));
}

// The scheme of an answer that wants NTLM; nothing where it does not.
export function ntlmScheme(header) {
  return /(?:^|,\s*)NTLM\b/i.test(header ?? '') ? 'NTLM' : /(?:^|,\s*)Negotiate\b/i.test(header ?? '') ? 'Negotiate' : undefined;
}

// The first message, as text.
export function openNtlm() {
  const message = new DataView(new ArrayBuffer(32));
  new Uint8Array(message.buffer).set(textToBytes(kSignature));
  message.setUint32(8, 1, true);
  message.setUint32(12, kFlags, true);
  message.setUint32(20, 32, true);
  message.setUint32(28, 32, true);
  return b64encode(message.buffer);
}

// {server, info, time} of the second message; nothing where it is none.
function readNtlmChallenge(text) {
  const bytes = new Uint8Array(b64decode(text));
  const view = new DataView(bytes.buffer);
  if (bytes.length < 48 || view.getUint32(8, true) !== 2) return undefined;
  const at = view.getUint32(44, true);
  const info = bytes.slice(at, at + view.getUint16(40, true));
  let time;
  for (let i = 0; i + 4 <= info.length; i += 4 + (info[i + 2] | (info[i + 3] << 8))) if (info[i] === 7 && info[i + 1] === 0) time = info.slice(i + 4, i + 12);
  return { server: bytes.slice(24, 32), info, time };
}

// 100 ns since 1601.
function timeNow() {
  const time = new DataView(new ArrayBuffer(8));
  time.setBigUint64(0, (BigInt(Date.now()) + 11644473600000n) * 10000n, true);
  return new Uint8Array(time.buffer);
}

// The third message, as text, for the second: "NTLM …". Nothing where that is none.
export function answerNtlm(header, user, password, client = randomBytes(8), now = timeNow()) {
  const match = /(?:NTLM|Negotiate)\s+([a-z0-9+/=]+)/i.exec(header ?? '');
  const challenge = match === null ? undefined : readNtlmChallenge(match[1]);
  if (challenge === undefined) return undefined;
  const [domain, name] = user.includes('\\') ? user.split('\\', 2) : ['', user];
  const key = hmac(new Uint8Array(digest('md4', utf16(password))), utf16(name.toUpperCase() + domain));
  const { server, info } = challenge;
  const blob = join([1, 1, 0, 0, 0, 0, 0, 0], challenge.time ?? now, client, [0, 0, 0, 0], info, [0, 0, 0, 0]);
  const proof = join(hmac(key, server, blob), blob);
  const old = challenge.time === undefined ? join(hmac(key, server, client), client) : new Uint8Array(24);
  const parts = [old, proof, utf16(domain), utf16(name), new Uint8Array(0), new Uint8Array(0)];
  const head = new DataView(new ArrayBuffer(64));
  new Uint8Array(head.buffer).set(textToBytes(kSignature));
  head.setUint32(8, 3, true);
  let at = 64;
  parts.forEach((part, i) => {
    head.setUint16(12 + 8 * i, part.length, true);
    head.setUint16(14 + 8 * i, part.length, true);
    head.setUint32(16 + 8 * i, at, true);
    at += part.length;
  });
  head.setUint32(60, kFlags, true);
  return b64encode(join(new Uint8Array(head.buffer), ...parts).buffer);
}
