// An ES module that imports others that are none.
// file lib.js: exports.one = 1; exports.two = [2]; exports.strict = (function () { return this === undefined; })();
// file whole.js: module.exports = function whole() { return 'whole'; };
// file marked.js: Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'usual'; exports.other = 'other';
// file modern.js: export const modern = 'modern'; export default 'usual';
import lib, { one } from './lib.js';
import whole from './whole.js';
import marked, { other } from './marked.js';
import * as space from './lib.js';

const required = require('./lib.js');
const modern = require('./modern.js');
const said = [
  [one, JSON.stringify(lib), space.two[0], required === lib, lib.strict],
  [whole(), marked, other, modern.modern, modern.default],
];
for (const name of ['module', 'exports']) {
  try { said.push(globalThis[name]); } catch (error) { said.push([name, error.message.includes('mixing')]); }
}

export const options = { iterations: 1 };
export default function () {
  said.forEach((each) => console.log(String(each)));
  console.log(typeof require);
}
