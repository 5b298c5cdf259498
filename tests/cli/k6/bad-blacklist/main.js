export const options = { blacklistIPs: ['not an address'] };
export default () => 1;
