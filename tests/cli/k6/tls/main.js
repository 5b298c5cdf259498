import http from 'k6/http';
export const options = {
  insecureSkipTLSVerify: true,
  tlsVersion: { min: http.TLS_1_2, max: http.TLS_1_2 },
  tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'TLS_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305'],
};
export default () => {
  const r = http.get(`${__ENV.TLS_AT}/tell`);
  console.log(r.status, r.proto, r.tls_version, r.tls_cipher_suite, r.error);
  console.log(JSON.stringify(r.ocsp), JSON.stringify(http.get(`${__ENV.AT}/tell`).ocsp), JSON.stringify(http.get('http://127.0.0.1:1/').ocsp));
  console.log(Object.keys(http).filter((name) => name === name.toUpperCase()).sort().map((name) => `${name}=${http[name]}`).join(' '));
};
