export const options = { hosts: { 'a.example': 'not an address' } };
export default () => 1;
