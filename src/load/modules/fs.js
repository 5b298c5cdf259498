// The module k6/experimental/fs (k6 reference, §11.10). What is read is there already, so that every promise is kept at once.

import { isInit, readFile, statFile } from 'gantry:vu';

export const SeekMode = { Start: 0, Current: 1, End: 2 };

function fail(name, message) {
  const error = new Error(message);
  error.name = name;
  throw error;
}

const kKeys = new WeakMap();

// What the functions of the engine know a file by; undefined for what is none.
export function keyOf(file) {
  return kKeys.get(file);
}

class File {
  #at = 0;
  #info;

  constructor(info) {
    this.#info = info;
    this.path = info.path;
    kKeys.set(this, info.key);
  }

  async stat() {
    return { name: this.#info.name, size: this.#info.size };
  }

  // How many bytes it was; null where there is nothing left.
  async read(into) {
    if (into === undefined || into === null) fail('TypeError', 'read() failed; reason: into argument cannot be null or undefined');
    if (into.constructor !== Uint8Array) fail('TypeError', 'read() failed; reason: into argument must be a Uint8Array');
    if (this.#at >= this.#info.size) return null;
    const bytes = readFile(this.#info.key, this.#at, into.buffer);
    this.#at += bytes;
    return bytes;
  }

  async seek(offset, whence) {
    for (const [name, value] of [['offset', offset], ['whence', whence]]) {
      if (value === undefined || value === null) fail('TypeError', `seek() failed; reason: the ${name} argument cannot be null or undefined`);
      if (!Number.isInteger(value)) fail('TypeError', `seek() failed; reason: the ${name} argument must be a number`);
    }
    const { size } = this.#info;
    const from = [0, this.#at, size - 1][whence];  // the last byte, as k6 has it
    if (from === undefined) fail('TypeError', 'seek() failed; reason: the whence argument must be a SeekMode');
    if (whence === SeekMode.Start && offset < 0) fail('TypeError', 'offset cannot be negative when using SeekModeStart');
    if (whence === SeekMode.End && offset > 0) fail('TypeError', 'offset cannot be positive when using SeekModeEnd');
    const to = from + offset;
    if (to < 0) fail('TypeError', 'seeking before start of file');
    if (to > size) fail('TypeError', 'seeking beyond end of file');
    this.#at = to;
    return to;
  }
}

export async function open(path) {
  if (!isInit()) fail('ForbiddenError', 'open() failed; reason: opening a file is allowed only in the Init context');
  if (path === undefined || path === null) fail('TypeError', 'open() failed; reason: path cannot be null or undefined');
  if (path === '') fail('TypeError', 'open() failed; reason: path cannot be empty');
  let info;
  try {
    info = statFile(String(path));
  } catch (error) {
    fail(/is a folder|directory/.test(error.message) ? 'InvalidResourceError' : 'NotFoundError', error.message);
  }
  return new File(info);
}

export default { open, SeekMode };
