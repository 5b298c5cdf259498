// The global crypto (k6 reference, §11.5): Web Crypto as k6 has it, on natives for the arithmetic. The body of a function that runs when a
// script first asks for `crypto`, with those natives as its arguments; what it returns becomes the global.

const kHashes = { 'SHA-1': ['sha1', 512], 'SHA-256': ['sha256', 512], 'SHA-384': ['sha384', 1024], 'SHA-512': ['sha512', 1024] };
const kAes = ['AES-CBC', 'AES-CTR', 'AES-GCM', 'AES-KW'];
const kRsaSign = { kind: 'RSA', ofPrivate: ['sign'], ofPublic: ['verify'] };
const kPairs = {
  'RSASSA-PKCS1-v1_5': kRsaSign,
  'RSA-PSS': kRsaSign,
  'RSA-OAEP': { kind: 'RSA', ofPrivate: ['decrypt', 'unwrapKey'], ofPublic: ['encrypt', 'wrapKey'] },
  ECDSA: { kind: 'EC', ofPrivate: ['sign'], ofPublic: ['verify'] },
  ECDH: { kind: 'EC', ofPrivate: ['deriveKey', 'deriveBits'], ofPublic: [] },
};
const kSigning = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA'];
const kTagBits = [96, 104, 112, 120, 128];

// Which algorithms an operation knows.
const kRegistered = {
  digest: Object.keys(kHashes),
  generateKey: [...kAes, 'HMAC', ...Object.keys(kPairs)],
  importKey: [...kAes, 'HMAC', 'PBKDF2', ...Object.keys(kPairs)],
  encrypt: [...kAes, 'RSA-OAEP'],
  decrypt: [...kAes, 'RSA-OAEP'],
  sign: ['HMAC', ...kSigning],
  verify: ['HMAC', ...kSigning],
  deriveBits: ['PBKDF2', 'ECDH'],
  deriveKey: ['PBKDF2'],
};

function fail(name, message) {
  const error = new Error(message);
  error.name = name;
  throw error;
}

function bytesOf(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return undefined;
}

function dataOf(data) {
  return bytesOf(data) ?? fail('TypeError', 'data must be an ArrayBuffer, TypedArray, or DataView');
}

// Of a string or an object with that name, whatever the case of its letters.
function nameOf(algorithm, operation) {
  const given = typeof algorithm === 'string' ? algorithm : algorithm?.name;
  if (typeof given !== 'string') fail('SyntaxError', 'algorithm cannot be interpreted as a string or an object');
  const name = kRegistered[operation].find((one) => one.toUpperCase() === given.toUpperCase());
  return name ?? fail('NotSupportedError', `algorithm "${given.toUpperCase()}" doesn't support (in implementation) operation "${operation}"`);
}

function hashOf(algorithm) {
  if (algorithm?.hash === undefined || algorithm.hash === null) fail('SyntaxError', 'could not get hash from algorithm parameter');
  return nameOf(algorithm.hash, 'digest');
}

const secrets = new WeakMap();

class CryptoKey {
  constructor(type, algorithm, extractable, usages, secret) {
    this.type = type;
    this.extractable = extractable;
    this.algorithm = algorithm;
    this.usages = usages;
    secrets.set(this, secret);
  }
}

function makeKey(algorithm, extractable, usages, secret) {
  if (usages.length === 0) fail('SyntaxError', 'usages cannot not be empty for a secret or private CryptoKey');
  return new CryptoKey('secret', algorithm, Boolean(extractable), [...usages], secret);
}

function secretOf(key, name, usage, what = '') {
  if (!secrets.has(key)) fail('TypeError', 'field algorithm is null or undefined');
  if (key.algorithm.name !== name) fail('InvalidAccessError', `${what}algorithm name does not match key algorithm name`);
  if (!key.usages.includes(usage)) fail('InvalidAccessError', `${what}key does not contain the '${usage}' usage`);
  return secrets.get(key);
}

function checkUsages(usages, allowed, says = (usage) => `invalid key usage: ${usage}`) {
  for (const usage of usages) if (!allowed.includes(usage)) fail('SyntaxError', says(usage));
}

const kCipherUsages = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];

// What a cipher is called, and what it takes besides key and data.
const kCiphers = {
  'AES-CBC'(params, direction) {
    const iv = bytesOf(params.iv);
    if (iv?.length !== 16) fail('OperationError', direction === 'encrypt' ? 'iv length is not 16 bytes' : 'iv length is invalid, should be 16 bytes');
    return { iv };
  },
  'AES-CTR'(params, direction) {
    const iv = bytesOf(params.counter);
    if (iv?.length !== 16) fail('OperationError', direction === 'encrypt' ? 'counter length is not 16 bytes' : 'counter length is invalid, should be 16 bytes');
    const length = Number(params.length);
    if (!(length > 0 && length <= 128)) {
      fail('OperationError', direction === 'encrypt' ? 'invalid counter length, out of the 0 < x < 128 bounds' : 'invalid length, should be within 1 <= length <= 128 bounds');
    }
    return { iv };
  },
  'AES-GCM'(params, direction) {
    const iv = bytesOf(params.iv);
    if (iv?.length !== 12) fail('NotSupportedError', 'only 12 bytes long iv are supported');
    const bits = params.tagLength === undefined || params.tagLength === 0 ? 128 : Number(params.tagLength);
    if (bits === 32 || bits === 64) fail('NotSupportedError', 'tag length 32 and 64 are not supported');
    if (!kTagBits.includes(bits)) {
      fail('OperationError', direction === 'encrypt' ? 'invalid tag length, should be one of 96, 104, 112, 120, 128' : 'invalid tag length, accepted values are 96, 104, 112, 120, 128');
    }
    return { iv, tagBytes: bits / 8, additional: bytesOf(params.additionalData) };
  },
  'AES-KW'() {
    return fail('NotSupportedError', 'AES-KW wraps keys, and wrapKey() is not there yet');
  },
};

const kBroken = { 'AES-CBC': 'invalid padding', 'AES-GCM': 'could not decrypt ciphertext' };

function crypt(direction, algorithm, key, data) {
  const bytes = dataOf(data);
  const name = nameOf(algorithm, direction);
  const secret = secretOf(key, name, direction, `${direction}'s `);
  if (name === 'RSA-OAEP') return cryptByPair(direction, algorithm, key, secret, bytes);
  const { iv, tagBytes, additional } = kCiphers[name](typeof algorithm === 'object' ? algorithm : {}, direction);
  // As in k6, whose padding knows no empty text.
  if (name === 'AES-CBC' && direction === 'encrypt' && bytes.length === 0) fail('OperationError', 'could not pad plaintext');
  if (tagBytes !== undefined && direction === 'decrypt' && bytes.length < tagBytes) fail('OperationError', 'ciphertext is too short');
  const result = natives.cipher(name, direction === 'encrypt', secret, iv, tagBytes ?? 0, additional ?? new Uint8Array(0), bytes);
  return result ?? fail('OperationError', kBroken[name] ?? 'could not create cipher');
}

const kDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

// Without padding, as JWK has it (RFC 7515, §2).
function toBase64Url(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => kDigits[(three >> shift) & 63]).join('');
    text += digits.slice(0, Math.min(4, bytes.length - i + 1));
  }
  return text;
}

// Nothing for what is none.
function fromBase64Url(text) {
  const bytes = [];
  for (let i = 0; i < text.length; i += 4) {
    const values = Array.from(text.slice(i, i + 4), (digit) => kDigits.indexOf(digit));
    if (values.length === 1 || values.includes(-1)) return undefined;
    const three = values.reduce((sum, value, at) => sum | (value << (18 - 6 * at)), 0);
    for (let at = 0; at + 1 < values.length; ++at) bytes.push((three >> (16 - 8 * at)) & 255);
  }
  return Uint8Array.from(bytes);
}

function fromJwk(jwk) {
  if (typeof jwk !== 'object' || jwk === null) fail('DataError', 'failed to parse symmetric JWK: it is no object');
  if (jwk.kty !== 'oct') fail('DataError', `invalid symmetric JWK: invalid key type: ${jwk.kty ?? ''}`);
  if (!jwk.k) fail('DataError', 'invalid symmetric JWK: key (k) is required');
  return fromBase64Url(String(jwk.k)) ?? fail('DataError', 'failed to decode symmetric key: it is no base64url');
}

function readKey(format, data) {
  if (format !== 'raw' && format !== 'jwk') fail('NotSupportedError', `unsupported key format ${format}`);
  return format === 'jwk' ? fromJwk(data) : dataOf(data).slice();
}

function importSecret(format, data, algorithm, extractable, usages) {
  const name = nameOf(algorithm, 'importKey');
  if (name in kPairs) return importPair(name, format, data, algorithm, extractable, usages);
  if (name === 'PBKDF2') {
    if (format !== 'raw') fail('NotSupportedError', `invalid format: ${format}`);
    checkUsages(usages, ['deriveBits', 'deriveKey']);
    if (extractable) fail('SyntaxError', 'invalid value for param extractable ');
    return makeKey({ name }, false, usages, readKey(format, data));
  }
  if (name === 'HMAC') {
    const hash = hashOf(algorithm);
    checkUsages(usages, ['sign', 'verify']);
    const secret = readKey(format, data);
    const length = 8 * secret.length;
    if (length === 0) fail('DataError', 'key length cannot be 0');
    if (algorithm.length !== undefined && algorithm.length !== length) {
      fail('DataError', 'key length cannot be different from the length of the imported data');
    }
    return makeKey({ name, hash: { name: hash }, length }, extractable, usages, secret);
  }
  checkUsages(usages, kCipherUsages);
  const secret = readKey(format, data);
  if (![16, 24, 32].includes(secret.length)) fail('DataError', `invalid key length ${secret.length} bytes`);
  return makeKey({ name, length: 8 * secret.length }, extractable, usages, secret);
}

function randomBytes(count) {
  const bytes = new Uint8Array(count);
  natives.randomFill(bytes);
  return bytes;
}

function generateSecret(algorithm, extractable, usages) {
  const name = nameOf(algorithm, 'generateKey');
  if (name in kPairs) return generatePair(name, algorithm, extractable, usages);
  if (name === 'HMAC') {
    const hash = hashOf(algorithm);
    checkUsages(usages, ['sign', 'verify']);
    const length = Number(algorithm.length ?? kHashes[hash][1]);
    if (length === 0) fail('OperationError', "algorithm's length cannot be 0");
    if (!Number.isInteger(length) || length < 0 || length > 65_536) fail('OperationError', `a key of ${length} bits is none`);
    return makeKey({ name, hash: { name: hash }, length }, extractable, usages, randomBytes(Math.ceil(length / 8)));
  }
  checkUsages(usages, name === 'AES-KW' ? ['wrapKey', 'unwrapKey'] : kCipherUsages, () => 'invalid key usage');
  const length = Number(algorithm.length);
  if (![128, 192, 256].includes(length)) fail('OperationError', 'invalid key length');
  return makeKey({ name, length }, extractable, usages, randomBytes(length / 8));
}

function exportSecret(format, key) {
  if (!secrets.has(key)) fail('InvalidAccessError', 'exportKey takes a CryptoKey');
  if (!key.extractable) fail('InvalidAccessError', 'the key is not extractable');
  const secret = secrets.get(key);
  if (key.type !== 'secret') return exportPair(format, key, secret);
  if (format === 'raw') return secret.slice().buffer;
  if (format !== 'jwk') fail('NotSupportedError', `unsupported key format ${format}`);
  const { name, hash } = key.algorithm;
  const alg = hash === undefined ? `A${8 * secret.length}${name.slice(4)}` : `HS${hash.name.slice(4)}`;
  return { kty: 'oct', k: toBase64Url(secret), alg, ext: key.extractable, key_ops: [...key.usages] };
}

function mac(key, secret, data) {
  return new Uint8Array(natives.digest(kHashes[key.algorithm.hash.name][0], data, secret));
}

// Takes as long for the first byte as for the last.
function isEqual(a, b) {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; ++i) difference |= a[i] ^ b[i];
  return difference === 0;
}

function derive(algorithm, key, bits, operation) {
  const name = nameOf(algorithm, operation);
  if (name === 'ECDH') return deriveByPair(algorithm, key, bits);
  const hash = hashOf(algorithm);
  const iterations = Number(algorithm.iterations);
  if (!Number.isInteger(iterations) || iterations <= 0) fail('OperationError', "number of iterations can't be 0");
  if (iterations > 10_000_000) fail('OperationError', 'more than 10 million iterations');
  const salt = dataOf(algorithm.salt);
  if (!secrets.has(key) || key.algorithm.name !== name) fail('OperationError', 'provided baseKey is not a valid algorithm');
  if (!key.usages.includes(operation)) fail('InvalidAccessError', `provided baseKey doesn't contain \`${operation}\` usage`);
  if (bits === 0) fail('OperationError', 'length can not be 0');
  if (!Number.isInteger(bits) || bits % 8 !== 0 || bits < 0 || bits > 65_536) fail('OperationError', 'currently only multiples of 8 are supported for length');
  return natives.deriveBits(kHashes[hash][0], secrets.get(key), salt, iterations, bits / 8);
}

// Keys of two halves.

const kCurves = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };
const kRsaMembers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
const kEcMembers = ['x', 'y', 'd'];

function describePair(name, algorithm, { kind, bits, curve }) {
  if (kind === 'EC') return { name, namedCurve: curve };
  return { name, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]), hash: { name: hashOf(algorithm) } };
}

function generatePair(name, algorithm, extractable, usages) {
  const { kind, ofPrivate, ofPublic } = kPairs[name];
  if (kind === 'RSA') hashOf(algorithm);
  if (kind === 'EC' && algorithm.namedCurve === undefined) fail('SyntaxError', 'could not get namedCurve from algorithm parameter');
  const curve = String(algorithm.namedCurve);
  if (kind === 'EC' && kCurves[curve] === undefined) fail('NotSupportedError', `elliptic curve ${curve} is not supported`);
  if (usages.length === 0) fail('SyntaxError', 'key usages cannot be empty');
  checkUsages(usages, [...ofPrivate, ...ofPublic], (usage) => (kind === 'EC' ? 'invalid key usage' : `invalid key usage: ${usage}`));
  const exponent = kind === 'EC' ? 0 : (bytesOf(algorithm.publicExponent) ?? fail('OperationError', 'publicExponent is not a byte array')).reduce((sum, byte) => sum * 256 + byte, 0);
  if (kind === 'RSA' && (exponent < 3 || exponent % 2 === 0 || exponent >= 2 ** 31)) fail('OperationError', 'invalid public exponent: it is even, too small or too large');
  const bits = Number(algorithm.modulusLength);
  if (kind === 'RSA' && !(bits >= 512 && bits <= 8192)) fail('OperationError', `no RSA key has ${bits} bits here: 512 to 8192 are fine`);
  const made = natives.keyMake(kind, kind === 'RSA' ? bits : curve, exponent);
  if (made === undefined) fail('OperationError', `could not generate ${kind} key pair`);
  const described = describePair(name, algorithm, made[0]);
  return {
    privateKey: new CryptoKey('private', described, Boolean(extractable), usages.filter((usage) => ofPrivate.includes(usage)), made[0]),
    publicKey: new CryptoKey('public', described, true, usages.filter((usage) => ofPublic.includes(usage)), made[1]),
  };
}

function readJwk(kind, jwk) {
  const members = kind === 'RSA' ? kRsaMembers : kEcMembers;
  const what = kind === 'RSA' ? 'RSA' : 'EC';
  if (jwk?.kty !== what) fail('DataError', `invalid ${what} JWK key: invalid key type: ${jwk?.kty ?? ''}`);
  const given = members.slice(0, jwk.d === undefined ? 2 : members.length);
  const numbers = given.map((member) => fromBase64Url(String(jwk[member] ?? '')) ?? fail('DataError', `invalid ${what} JWK key: ${member} is no base64url`));
  const lacking = given.find((_, i) => numbers[i].length === 0);
  if (lacking !== undefined) fail('DataError', `invalid ${what} JWK key: ${lacking} is required`);
  if (kind === 'EC' && kCurves[jwk.crv] === undefined) fail('DataError', `failed to parse elliptic curve: ${jwk.crv} is none`);
  return natives.keyFromNumbers(kind, kind === 'EC' ? jwk.crv : '', kind === 'RSA' ? numbers : numbers.map((number) => padded(number, kCurves[jwk.crv])));
}

// As long as a field's numbers are, which some write without leading zeros.
function padded(number, length) {
  const bytes = new Uint8Array(Math.max(length, number.length));
  bytes.set(number, bytes.length - number.length);
  return bytes;
}

function readPoint(curve, bytes) {
  const length = kCurves[curve] ?? fail('NotSupportedError', `invalid elliptic curve ${curve}`);
  if (bytes.length !== 1 + 2 * length || bytes[0] !== 4) return undefined;
  return natives.keyFromNumbers('EC', curve, [bytes.slice(1, 1 + length), bytes.slice(1 + length)]);
}

function importPair(name, format, data, algorithm, extractable, usages) {
  const { kind } = kPairs[name];
  if (kind === 'RSA') hashOf(algorithm);
  if (kind === 'EC' && algorithm?.namedCurve === undefined) fail('SyntaxError', 'could not get namedCurve from algorithm parameter');
  const readers = {
    jwk: () => readJwk(kind, data),
    pkcs8: () => natives.keyRead(dataOf(data).slice(), true),
    spki: () => natives.keyRead(dataOf(data).slice(), false),
    ...(kind === 'EC' ? { raw: () => readPoint(String(algorithm.namedCurve), dataOf(data).slice()) } : {}),
  };
  if (readers[format] === undefined) fail('NotSupportedError', `unsupported key format ${format} for algorithm ${name}`);
  const read = readers[format]();
  if (read?.kind !== kind) fail('DataError', `unable to import ${name} key data`);
  if (read.isPrivate && usages.length === 0) fail('SyntaxError', 'usages cannot not be empty for a secret or private CryptoKey');
  return new CryptoKey(read.isPrivate ? 'private' : 'public', describePair(name, algorithm, read), Boolean(extractable), [...usages], read);
}

function exportPair(format, key, { kind, curve, der, isPrivate }) {
  const needs = { spki: false, pkcs8: true, ...(kind === 'EC' ? { raw: false } : {}) };
  if (format !== 'jwk' && needs[format] === undefined) fail('NotSupportedError', `unsupported key format ${format}`);
  if (format !== 'jwk' && needs[format] !== isPrivate) fail('InvalidAccessError', `given CryptoKey is not a ${isPrivate ? 'public' : 'private'} ${kind} key`);
  if (format === 'spki' || format === 'pkcs8') return der.slice();
  const numbers = natives.keyNumbers(new Uint8Array(der), isPrivate).map((number) => new Uint8Array(number));
  if (format === 'raw') return Uint8Array.from([4, ...numbers[0], ...numbers[1]]).buffer;
  const members = kind === 'RSA' ? kRsaMembers : kEcMembers;
  const jwk = kind === 'RSA' ? { kty: 'RSA' } : { kty: 'EC', crv: curve };
  numbers.forEach((number, i) => { jwk[members[i]] = toBase64Url(number); });
  return jwk;
}

// The hash and the salt of a signature: of RSA the hash is the key's.
function schemeOf(name, algorithm, key) {
  const hash = name === 'ECDSA' ? hashOf(algorithm) : key.algorithm.hash.name;
  return [kHashes[hash][0], name === 'RSA-PSS' ? Number(algorithm.saltLength ?? 0) : 0];
}

function signByPair(name, algorithm, key, { der }, bytes) {
  return natives.keySign(new Uint8Array(der), name, ...schemeOf(name, algorithm, key), bytes) ?? fail('OperationError', 'could not sign data');
}

function cryptByPair(direction, algorithm, key, { der }, bytes) {
  const label = bytesOf(algorithm?.label) ?? new Uint8Array(0);
  const result = natives.keyCrypt(new Uint8Array(der), direction === 'encrypt', kHashes[key.algorithm.hash.name][0], label, bytes);
  return result ?? fail('OperationError', `could not ${direction} data`);
}

function deriveByPair(algorithm, key, bits) {
  const other = secrets.get(algorithm?.public);
  const own = secrets.get(key);
  if (other === undefined || other.isPrivate !== false || other.kind !== 'EC') fail('InvalidAccessError', 'algorithm\'s public key is not a valid CryptoKey');
  if (own === undefined || own.isPrivate !== true || own.kind !== 'EC') fail('InvalidAccessError', 'provided baseKey is not a private key');
  if (!key.usages.includes('deriveBits')) fail('InvalidAccessError', 'provided baseKey doesn\'t contain `deriveBits` usage');
  const secret = natives.keyAgree(new Uint8Array(own.der), new Uint8Array(other.der));
  if (secret === undefined) fail('InvalidAccessError', 'the two keys are of different curves');
  const length = bits === undefined || bits === null ? 8 * secret.byteLength : Number(bits);
  if (length === 0) fail('OperationError', 'length can not be 0');
  if (length % 8 !== 0) fail('OperationError', 'currently only multiples of 8 are supported for length');
  if (!(length > 0 && length <= 8 * secret.byteLength)) fail('OperationError', 'length is too long');
  return secret.slice(0, length / 8);
}

const subtle = {
  async digest(algorithm, data) {
    const bytes = dataOf(data);
    return natives.digest(kHashes[nameOf(algorithm, 'digest')][0], bytes);
  },
  encrypt: async (algorithm, key, data) => crypt('encrypt', algorithm, key, data),
  decrypt: async (algorithm, key, data) => crypt('decrypt', algorithm, key, data),
  async sign(algorithm, key, data) {
    const bytes = dataOf(data);
    const name = nameOf(algorithm, 'sign');
    const secret = secretOf(key, name, 'sign');
    return name === 'HMAC' ? mac(key, secret, bytes).buffer : signByPair(name, algorithm, key, secret, bytes);
  },
  async verify(algorithm, key, signature, data) {
    const [given, bytes] = [dataOf(signature), dataOf(data)];
    const name = nameOf(algorithm, 'verify');
    const secret = secretOf(key, name, 'verify');
    if (name !== 'HMAC') return natives.keyVerify(new Uint8Array(secret.der), name, ...schemeOf(name, algorithm, key), bytes, given);
    return isEqual(mac(key, secret, bytes), given);
  },
  generateKey: async (algorithm, extractable, usages) => generateSecret(algorithm, extractable, usages ?? []),
  importKey: async (format, data, algorithm, extractable, usages) => importSecret(format, data, algorithm, extractable, usages ?? []),
  exportKey: async (format, key) => exportSecret(format, key),
  deriveBits: async (algorithm, key, length) => derive(algorithm, key, length, 'deriveBits'),
  async deriveKey(algorithm, key, derived, extractable, usages) {
    const secret = derive(algorithm, key, Number(derived?.length ?? 0), 'deriveKey');
    return importSecret('raw', secret, derived, extractable, usages ?? []);
  },
  wrapKey: async () => fail('NotSupportedError', 'wrapKey() is not there: not in k6 either'),
  unwrapKey: async () => fail('NotSupportedError', 'unwrapKey() is not there: not in k6 either'),
};

const kIntegers = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];

return {
  subtle,
  CryptoKey,
  getRandomValues(array) {
    if (!kIntegers.some((type) => array instanceof type)) fail('TypeMismatchError', "typedArray parameter isn't a TypedArray instance");
    if (array.byteLength > 65_536) fail('QuotaExceededError', 'typedArray parameter is too big; maximum length is 65536');
    natives.randomFill(bytesOf(array));
    return array;
  },
  randomUUID() {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  },
};
