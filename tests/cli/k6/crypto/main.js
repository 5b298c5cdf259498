import crypto from 'k6/crypto';
export default () => {
  for (const name of ['md4', 'md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha512_224', 'sha512_256', 'ripemd160']) {
    console.log(name, crypto[name]('text', 'hex'), crypto[name](new Uint8Array([1, 2]).buffer, 'base64'));
    console.log(crypto.hmac(name, 'key', 'data', 'hex'));
  }
  for (const form of ['hex', 'base64', 'base64url', 'base64rawurl', 'binary']) console.log(crypto.sha1('x', form));
  const hash = crypto.createHash('sha256');
  hash.update('a');
  hash.update(new Uint8Array([98]).buffer);
  console.log(hash.digest('hex'), hash.digest('hex'));
  const mac = crypto.createHMAC('sha1', 'key');
  mac.update('x');
  console.log(mac.digest('base64'));
  console.log(crypto.hexEncode('hi'), crypto.hexEncode(new Uint8Array([1, 255]).buffer), crypto.randomBytes(8).byteLength);
  console.log(Object.keys(crypto).sort());
};
