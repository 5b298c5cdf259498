// The module k6/experimental/csv (k6 reference, §11.10). The engine reads the records, from bytes that all VUs share.

import { keyOf } from 'k6/experimental/fs';
import { SharedArray } from 'k6/data';
import { isInit, readRecord } from 'gantry:vu';

const kInterpreting = 'failed to interpret the provided Parser options';
const kUsual = { delimiter: ',', skipFirstLine: false, fromLine: undefined, toLine: undefined, asObjects: false };

function interpret(given) {
  const options = { ...kUsual };
  for (const name of Object.keys(kUsual)) if (given?.[name] !== undefined) options[name] = given[name];
  options.delimiter = String(options.delimiter);
  if (options.delimiter.length !== 1 || options.delimiter > '\u007f') throw new Error('delimiter must be a single character');
  for (const name of ['fromLine', 'toLine']) if (options[name] !== undefined) options[name] = Math.trunc(options[name]) || 0;
  if (options.fromLine >= options.toLine) throw new Error('fromLine must be less than or equal to toLine');
  return options;
}

function validate({ skipFirstLine, fromLine, toLine, asObjects }) {
  if (asObjects && skipFirstLine) throw new Error("the 'header' option cannot be enabled when 'skipFirstLine' is true");
  if (asObjects && fromLine > 0) throw new Error("the 'header' option cannot be enabled when 'fromLine' is set to a value greater than 0");
  if (fromLine < 0) throw new Error(`the 'fromLine' option must be greater than or equal to 0; got ${fromLine}`);
  if (toLine < 0) throw new Error(`the 'toLine' option must be greater than or equal to 0; got ${toLine}`);
}

// What an error was in the way of.
function during(what, act) {
  try {
    return act();
  } catch (error) {
    throw new Error(`${what}; reason: ${error.message}`);
  }
}

class Reader {
  #key;
  #options;
  #offset = 0;
  #width;
  #line = 0;
  #columns;

  constructor(file, given) {
    this.#key = keyOf(file);
    if (this.#key === undefined) throw new Error(`first argument expected to be a fs.File instance, got ${typeof file} instead`);
    this.#options = during(kInterpreting, () => interpret(given));
    during('failed to create a new parser', () => this.#begin());
  }

  #begin() {
    validate(this.#options);
    const { skipFirstLine, fromLine, asObjects } = this.#options;
    if (asObjects) this.#columns = this.#skip('failed to read the first line');
    if (skipFirstLine && !(fromLine > 0)) this.#skip('failed to skip the first line');
    while (this.#line < (fromLine ?? 0)) this.#skip(`failed to skip lines until line ${fromLine}`);
  }

  // The next row; undefined when there is none.
  next() {
    const { toLine, asObjects } = this.#options;
    if (toLine > 0 && this.#line > toLine) return undefined;
    const record = this.#record();
    if (record === undefined || !asObjects) return record;
    return Object.fromEntries(this.#columns.map((name, i) => [name, record[i]]));
  }

  #skip(what) {
    return during(what, () => {
      const record = this.#record();
      if (record === undefined) throw new Error('EOF');
      return record;
    });
  }

  #record() {
    const record = readRecord(this.#key, this.#offset, this.#options.delimiter);
    if (record === undefined) return undefined;
    this.#offset = record.pop();
    this.#width ??= record.length;
    if (record.length !== this.#width) throw new Error(`record on line ${this.#line + 1}: wrong number of fields`);
    ++this.#line;
    return record;
  }
}

export async function parse(file, given) {
  const reader = new Reader(file, given);
  const name = `csv.parse.${keyOf(file)}.${JSON.stringify({ ...kUsual, ...given })}`;
  return new SharedArray(name, () => {
    const rows = [];
    during('failed to read record', () => {
      for (let row = reader.next(); row !== undefined; row = reader.next()) rows.push(row);
    });
    return rows;
  });
}

export class Parser {
  #reader;

  constructor(file, given) {
    if (!isInit()) throw new Error('csv Parser constructor must be called in the init context');
    if (file === undefined || file === null) throw new Error('csv Parser constructor takes at least one non-nil source argument');
    this.#reader = new Reader(file, given);
  }

  async next() {
    const row = this.#reader.next();
    return row === undefined ? { done: true, value: [] } : { done: false, value: row };
  }
}

export default { parse, Parser };
