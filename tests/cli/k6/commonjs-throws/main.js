// At top level of a module that a module requires.
// file lib.js: exports.one = undefined.member;
const lib = require('./lib.js');
export default function () { console.log(lib.one); }
