import http, { OCSP_STATUS_GOOD, TLS_1_2 } from 'k6/http';
export const options = { insecureSkipTLSVerify: true, tlsVersion: TLS_1_2, tlsCipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'] };
export default () => { console.log(http.get(`${__ENV.TLS_AT}/tell`).status, OCSP_STATUS_GOOD); };
