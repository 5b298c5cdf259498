// A script that is no ES module, and so has no handleSummary at its end.
// file lib.js: exports.one = 1; exports.here = () => this === module.exports; exports.name = typeof require;
// file whole.js: module.exports = function whole() { return 'whole'; }; module.exports.part = 'part';
// file marked.js: Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'usual'; exports.other = 'other';
// file first.js: exports.before = 1; exports.second = require('./second.js'); exports.after = 2;
// file second.js: const first = require('./first.js'); exports.seen = Object.keys(first).join();
const http = require('k6/http');
const { check } = require('k6');
const lib = require('./lib.js');
const whole = require('./whole.js');
const marked = require('./marked.js');

const said = [];
said.push([typeof http.get, typeof check, this === exports, lib.one, lib.here(), lib.name]);
said.push([whole(), whole.part, marked.default, marked.other, require('./lib.js') === lib]);
said.push(require('./first.js').second.seen);
try { undeclared = 1; } catch (error) { said.push(error.name); }
try { require('./nothing.js'); } catch (error) { said.push('nothing'); }

module.exports.options = { iterations: 1 };
module.exports.default = function () {
  said.forEach((each) => console.log(String(each)));
  check(lib.one, { one: (value) => value === 1 });
  try { require('./lib.js'); } catch (error) { console.log('late'); }
};
