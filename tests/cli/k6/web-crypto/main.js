const hex = (b) => Array.from(new Uint8Array(b), (x) => x.toString(16).padStart(2, '0')).join('');
const sorted = (object) => JSON.stringify(Object.fromEntries(Object.entries(object).sort()));
async function tell(name, call) {
  try {
    const value = await call();
    console.log(name, 'gives', value instanceof ArrayBuffer ? hex(value) : typeof value === 'object' ? sorted(value) : value);
  } catch (error) {
    console.log(name, 'fails', `${error}`, error.name, error.message);
  }
}
const bytes = (...b) => new Uint8Array(b);
const key16 = new Uint8Array(16).fill(1), iv16 = new Uint8Array(16).fill(2), iv12 = new Uint8Array(12).fill(3), data = bytes(1,2,3,4,5);
export default async function () {
  const s = crypto.subtle;
  await tell('digest', () => s.digest('SHA-256', data));
  await tell('digest obj lower', () => s.digest({ name: 'sha-1' }, data.buffer));
  await tell('digest md5', () => s.digest('MD5', data));
  for (const name of ['AES-CBC', 'AES-CTR', 'AES-GCM']) {
    const k = await s.importKey('raw', key16, name, true, ['encrypt', 'decrypt']);
    const p = { 'AES-CBC': { name, iv: iv16 }, 'AES-CTR': { name, counter: iv16, length: 64 }, 'AES-GCM': { name, iv: iv12, additionalData: data } }[name];
    await tell(name, () => s.encrypt(p, k, data));
    await tell(name + ' back', async () => s.decrypt(p, k, await s.encrypt(p, k, data)));
    await tell(name + ' empty', () => s.encrypt(p, k, new Uint8Array(0)));
    await tell(name + ' jwk', () => s.exportKey('jwk', k));
    await tell(name + ' raw', () => s.exportKey('raw', k));
    await tell(name + ' pkcs8', () => s.exportKey('pkcs8', k));
    await tell(name + ' bad', () => s.decrypt(p, k, new Uint8Array(32)));
    await tell(name + ' bad iv', () => s.encrypt({ name, iv: bytes(1), counter: bytes(1), length: 64 }, k, data));
    await tell(name + ' no iv', () => s.encrypt({ name }, k, data));
    await tell(name + ' other', () => s.encrypt({ name: name === 'AES-CBC' ? 'AES-CTR' : 'AES-CBC', iv: iv16, counter: iv16, length: 1 }, k, data));
    const o = await s.importKey('raw', key16, name, false, ['encrypt']);
    await tell(name + ' usage', () => s.decrypt(p, o, data));
    await tell(name + ' export', () => s.exportKey('raw', o));
    const g = await s.generateKey({ name, length: 192 }, true, ['encrypt', 'decrypt']);
    console.log(name, g.type, g.extractable, g.algorithm.name, g.algorithm.length, JSON.stringify(g.usages), (await s.exportKey('raw', g)).byteLength);
    console.log(name, (await s.generateKey({ name, length: '256' }, true, ['encrypt'])).algorithm.length);
    await tell(name + ' gen bad length', () => s.generateKey({ name, length: 100 }, true, ['encrypt']));
    await tell(name + ' gen no usage', () => s.generateKey({ name, length: 128 }, true, []));
    await tell(name + ' gen bad usage', () => s.generateKey({ name, length: 128 }, true, ['sign']));
    await tell(name + ' gen string', () => s.generateKey(name, true, ['encrypt']));
    await tell(name + ' imp bad', () => s.importKey('raw', bytes(1, 2), name, true, ['encrypt']));
    await tell(name + ' imp fmt', () => s.importKey('spki', key16, name, true, ['encrypt']));
    await tell(name + ' imp usage', () => s.importKey('raw', key16, name, true, ['sign']));
    await tell(name + ' imp nousage', () => s.importKey('raw', key16, name, true, []));
    await tell(name + ' imp jwk', async () => { const k2 = await s.importKey('jwk', { kty: 'oct', k: 'AQEBAQEBAQEBAQEBAQEBAQ' }, name, true, ['encrypt']); return s.exportKey('raw', k2); });
    await tell(name + ' imp jwk bad', () => s.importKey('jwk', { kty: 'RSA', k: 'AQ' }, name, true, ['encrypt']));
  }
  await tell('gcm tag', async () => s.encrypt({ name: 'AES-GCM', iv: iv12, tagLength: 96 }, await s.importKey('raw', key16, 'AES-GCM', true, ['encrypt']), data));
  await tell('gcm tag 32', async () => s.encrypt({ name: 'AES-GCM', iv: iv12, tagLength: 32 }, await s.importKey('raw', key16, 'AES-GCM', true, ['encrypt']), data));
  await tell('gcm tag 7', async () => s.encrypt({ name: 'AES-GCM', iv: iv12, tagLength: 7 }, await s.importKey('raw', key16, 'AES-GCM', true, ['encrypt']), data));
  await tell('ctr length', async () => s.encrypt({ name: 'AES-CTR', counter: iv16, length: 0 }, await s.importKey('raw', key16, 'AES-CTR', true, ['encrypt']), data));
  for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512', { name: 'sha-256' }]) {
    const k = await s.importKey('raw', key16, { name: 'HMAC', hash }, true, ['sign', 'verify']);
    await tell('hmac', () => s.sign('HMAC', k, data));
    await tell('hmac verify', async () => s.verify({ name: 'HMAC' }, k, await s.sign('HMAC', k, data), data));
    await tell('hmac not', () => s.verify('HMAC', k, key16, data));
    await tell('hmac jwk', () => s.exportKey('jwk', k));
    console.log(k.algorithm.name, k.algorithm.hash.name, k.algorithm.length, k.type, JSON.stringify(k.usages));
    const g = await s.generateKey({ name: 'HMAC', hash }, true, ['sign', 'verify']);
    console.log(g.algorithm.name, g.algorithm.hash.name, g.algorithm.length, (await s.exportKey('raw', g)).byteLength);
  }
  await tell('hmac gen 0', () => s.generateKey({ name: 'HMAC', hash: 'SHA-1', length: 0 }, true, ['sign']));
  await tell('hmac no hash', () => s.generateKey('HMAC', true, ['sign']));
  await tell('hmac usage', () => s.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['encrypt']));
  await tell('hmac imp usage', () => s.importKey('raw', key16, { name: 'HMAC', hash: 'SHA-1' }, true, ['encrypt']));
  await tell('hmac imp empty', () => s.importKey('raw', new Uint8Array(0), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']));
  await tell('hmac imp jwk', async () => s.exportKey('raw', await s.importKey('jwk', { kty: 'oct', k: 'AQE' }, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign'])));
  const pb = await s.importKey('raw', data, 'PBKDF2', false, ['deriveBits', 'deriveKey']);
  await tell('pbkdf2', () => s.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: iv16, iterations: 10 }, pb, 256));
  await tell('pbkdf2 0', () => s.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: iv16, iterations: 10 }, pb, 0));
  await tell('pbkdf2 7', () => s.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: iv16, iterations: 10 }, pb, 7));
  await tell('pbkdf2 it', () => s.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: iv16, iterations: 0 }, pb, 8));
  await tell('pbkdf2 key', async () => s.exportKey('raw', await s.deriveKey({ name: 'PBKDF2', hash: 'SHA-1', salt: iv16, iterations: 10 }, pb, { name: 'AES-GCM', length: 256 }, true, ['encrypt'])));
  await tell('pbkdf2 ext', () => s.importKey('raw', data, 'PBKDF2', true, ['deriveBits']));
  await tell('nothing', () => s.encrypt({ name: 'ROT13' }, pb, data));
  await tell('no key', () => s.sign('HMAC', {}, data));
  for (const [n, f] of [['float', () => crypto.getRandomValues(new Float32Array(4))], ['big', () => crypto.getRandomValues(new Uint8Array(65537))], ['ok', () => crypto.getRandomValues(new Uint16Array(4)).length]]) {
    try { console.log(n, f()); } catch (error) { console.log(n, `${error}`.replace('GoError: ', '')); }
  }
  console.log(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
  console.log(typeof crypto, typeof crypto.subtle);
}
