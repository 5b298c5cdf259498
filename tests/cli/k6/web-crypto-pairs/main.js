import { b64decode } from 'k6/encoding';
// counts: vary
// Keys of the test's own: who they belong to is nobody.
const rsa = b64decode('MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBANCgKBJlOyHf1GIX/Ddw8PqZmFlG+eHPxK822sMsYAvr5mkcr2qI4vhiw++ciKlQkOjn/0Qf4l2BN2cg1b7hcJAJnhejx4TU9MmwjhqeysZd2WTuSgeWM2jd7uGZT/RQSG4igcOTCu05/Q3d0okqc1W7VnLRShK1rYxv7AKEI71DAgMBAAECgYEAkh/LUW8kJsrOyFJCb1alAvG3+rgy584N1ieWvGOFdnQpc3ALEZSFXTJYSKkcM3NhvDBa5A1tEM8jzhD6hXMD0istwdEnnOQUXglSidP+IuXd3/0tzVlLyv6xNEChJh3hm5Wkcrt43jqmBnjI5pcgDBOHs2sxqZ0/VEbS46rRDRkCQQDzZmrpYg8VbxipmbPsq4goUvaYfj5Encwy3ox44cXNfKJ1PDBxuUYI1f7ncUFajA9SE0y1VOruswAZ+2CeOdDvAkEA22zmwzvCuSm810eMJ0RDerQGCi8+R0y4IdMNkcTh/p+NBKKL4tehZ+I0VEh3aVbY0JUnLMy2U0dvX6SatJew7QJBAMNO74MOeGQOnY+aElJa4grZZ569zmFo7a3z/mwRXpOg6wt/nK/kp1n3vW8h5fsuYCzP58GpvkqDwBUZLVJJumkCQGOZhxXPpo/N9j3x6Bha0BZ+aM9uqmJK3LndxycHq12cprIX5k9NeaJh90barflOxpPHYEThl1Et98v+N4sJ3/ECQHmidt+HCDT4zFsGNwIfzYPapVcroWot0ApLQbi5DvkuTlvmLYMvIaow2eXrAHbFERlFxZ9aNmAXF23YaPQ8bcg='), rsaPublic = b64decode('MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDQoCgSZTsh39RiF/w3cPD6mZhZRvnhz8SvNtrDLGAL6+ZpHK9qiOL4YsPvnIipUJDo5/9EH+JdgTdnINW+4XCQCZ4Xo8eE1PTJsI4ansrGXdlk7koHljNo3e7hmU/0UEhuIoHDkwrtOf0N3dKJKnNVu1Zy0UoSta2Mb+wChCO9QwIDAQAB');
const one = b64decode('MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgA4YvZ1Cd1ss06g+U7GfZ1aDcnD0gDjHT2gM8uU47QDahRANCAAQqo+r0blEd/ztsicGtd0uAGjMnIZ8eCisYI+FuLREfQc4lZCoVdraSYXwnCxyiIIIVzC9OO4Axg/J1tp5BokeW'), onePublic = b64decode('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKqPq9G5RHf87bInBrXdLgBozJyGfHgorGCPhbi0RH0HOJWQqFXa2kmF8JwscoiCCFcwvTjuAMYPydbaeQaJHlg==');
const two = b64decode('MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZQsoUVMmb/Eox3e13ZLvVuu6wsrwu5+1HD196r0YVrShRANCAATD2vjzoNyJOuZglrRoS2g0p+4HUixeMlVkf4f8KzW9F0/7c5NVhPMdva3JvNkaJWTuw29to3DEnGcKFM4liKVl'), twoPublic = b64decode('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEw9r486DciTrmYJa0aEtoNKfuB1IsXjJVZH+H/Cs1vRdP+3OTVYTzHb2tybzZGiVk7sNvbaNwxJxnChTOJYilZQ==');
const hex = (b) => Array.from(new Uint8Array(b), (x) => x.toString(16).padStart(2, '0')).join('');
const data = new Uint8Array([1, 2, 3, 4, 5]);

async function tell(name, call) {
  try {
    const value = await call();
    console.log(name, 'gives', value instanceof ArrayBuffer ? hex(value) : typeof value === 'object' ? JSON.stringify(Object.fromEntries(Object.entries(value).sort())) : value);
  } catch (error) {
    console.log(name, 'fails', `${error}`);
  }
}

export default async function () {
  const s = crypto.subtle;
  for (const name of ['RSASSA-PKCS1-v1_5', 'RSA-PSS']) {
    const algorithm = { name, hash: 'SHA-256' };
    const key = await s.importKey('pkcs8', rsa, algorithm, true, ['sign']);
    const open = await s.importKey('spki', rsaPublic, algorithm, true, ['verify']);
    console.log(name, key.type, key.algorithm.name, key.algorithm.modulusLength, open.type, JSON.stringify(open.usages));
    const how = { name, saltLength: 32 };
    if (name !== 'RSA-PSS') await tell('signature', () => s.sign(how, key, data));
    await tell('holds', async () => s.verify(how, open, await s.sign(how, key, data), data));
    await tell('does not', async () => s.verify(how, open, await s.sign(how, key, data), new Uint8Array([9])));
    await tell('pkcs8', () => s.exportKey('pkcs8', key));
    await tell('spki', () => s.exportKey('spki', open));
    await tell('jwk', () => s.exportKey('jwk', open));
    await tell('raw', () => s.exportKey('raw', open));
    await tell('wrong usage', () => s.sign(how, open, data));
    const pair = await s.generateKey({ ...algorithm, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify']);
    console.log(pair.privateKey.type, pair.publicKey.type, pair.publicKey.extractable, JSON.stringify(pair.privateKey.usages), JSON.stringify(pair.publicKey.usages));
    await tell('own', async () => s.verify(how, pair.publicKey, await s.sign(how, pair.privateKey, data), data));
    await tell('no usage', () => s.generateKey({ ...algorithm, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, true, []));
    await tell('bad usage', () => s.generateKey({ ...algorithm, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['encrypt']));
    await tell('no hash', () => s.importKey('spki', rsaPublic, { name }, true, ['verify']));
    await tell('jwk back', async () => { const back = await s.importKey('jwk', await s.exportKey('jwk', key), algorithm, true, ['sign']); return hex(await s.exportKey('pkcs8', back)) === hex(rsa); });
  }
  const oaep = { name: 'RSA-OAEP', hash: 'SHA-1' };
  const locked = await s.importKey('spki', rsaPublic, oaep, true, ['encrypt']);
  const unlocks = await s.importKey('pkcs8', rsa, oaep, true, ['decrypt']);
  await tell('oaep', async () => s.decrypt(oaep, unlocks, await s.encrypt(oaep, locked, data)));
  await tell('oaep label', async () => s.decrypt({ ...oaep, label: data }, unlocks, await s.encrypt({ ...oaep, label: data }, locked, data)));
  const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  const signs = await s.importKey('pkcs8', one, ecdsa, true, ['sign']);
  const checks = await s.importKey('spki', onePublic, ecdsa, true, ['verify']);
  console.log(signs.type, signs.algorithm.name, checks.type);
  await tell('ecdsa', async () => s.verify(how, checks, await s.sign(how, signs, data), data));
  await tell('ecdsa size', async () => (await s.sign(how, signs, data)).byteLength);
  await tell('ecdsa not', async () => s.verify(how, checks, new Uint8Array(64), data));
  await tell('ecdsa jwk', () => s.exportKey('jwk', signs));
  await tell('ecdsa raw', () => s.exportKey('raw', checks));
  await tell('ecdsa raw back', async () => s.exportKey('spki', await s.importKey('raw', await s.exportKey('raw', checks), ecdsa, true, ['verify'])));
  await tell('ecdsa jwk back', async () => s.exportKey('raw', await s.importKey('jwk', await s.exportKey('jwk', checks), ecdsa, true, ['verify'])));
  for (const namedCurve of ['P-384', 'P-521']) {
    const pair = await s.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
    await tell(namedCurve, async () => s.verify(how, pair.publicKey, await s.sign(how, pair.privateKey, data), data));
    await tell('raw', async () => (await s.exportKey('raw', pair.publicKey)).byteLength);
  }
  await tell('no curve', () => s.generateKey({ name: 'ECDSA' }, true, ['sign']));
  await tell('other curve', () => s.generateKey({ name: 'ECDSA', namedCurve: 'P-1' }, true, ['sign']));
  await tell('ec usage', () => s.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['sign']));
  const ecdh = { name: 'ECDH', namedCurve: 'P-256' };
  const mine = await s.importKey('pkcs8', one, ecdh, true, ['deriveBits']);
  const yours = await s.importKey('spki', twoPublic, ecdh, true, []);
  const yourOwn = await s.importKey('pkcs8', two, ecdh, true, ['deriveBits']);
  await tell('agree', () => s.deriveBits({ name: 'ECDH', public: yours }, mine, 256));
  await tell('agree back', async () => s.deriveBits({ name: 'ECDH', public: await s.importKey('spki', onePublic, ecdh, true, []) }, yourOwn, 128));
  await tell('agree 0', () => s.deriveBits({ name: 'ECDH', public: yours }, mine, 0));
}
