import http from 'k6/http';
export const options = { insecureSkipTLSVerify: true, tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'] };
export default () => { console.log(http.get(`${__ENV.TLS_AT}/tell`).tls_version); };
