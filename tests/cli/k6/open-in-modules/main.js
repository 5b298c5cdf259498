// file name: top
// file lib/name: lib
// file lib/deep/name: deep
// file read.js: export const read = (name) => open(name);
// file lib/es.js: import { read } from '../read.js'; export { read }; export const own = [open('./name'), open('../name'), read('name'), open(import.meta.resolve('./name'))].join('+');
// file lib/common.js: exports.own = open('./name') + require('./deep/required.js').own;
// file lib/deep/required.js: exports.own = open('name'); exports.above = open('../name'); exports.through = require('../es.js').read('name');
import { own, read } from './lib/es.js';
import common from './lib/common.js';
import { SharedArray } from 'k6/data';
const required = require('./lib/deep/required.js');
const shared = new SharedArray('names', () => [open('./name'), read('./name')]);
const all = [own, common.own, required.own, required.above, required.through, open('./name'), read('./name'), open('lib/name'), ...shared];
export default () => console.log(all.join());
