export const options = { tlsCipherSuites: ['TLS_RSA_WITH_NOTHING'] };
export default () => 1;
