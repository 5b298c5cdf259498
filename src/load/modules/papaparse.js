// What scripts import as https://jslib.k6.io/papaparse/…/index.js: comma separated values as rows, and rows as text, with the options of Papa
// Parse that make sense for a text that is there whole.

const kGuesses = [',', '\t', '|', ';', '\u001e', '\u001f'];

// Rows of fields, as they are written. A quote counts only where a field begins.
function readRows(text, { delimiter, newline, quote, escape, comments, preview }, errors) {
  const rows = [];
  let row = [];
  let at = 0;
  const endRow = () => {
    rows.push(row);
    row = [];
  };
  const readQuoted = () => {
    let field = '';
    for (++at; at < text.length; ++at) {
      if (text.startsWith(escape + quote, at) || (escape === quote && text.startsWith(quote + quote, at))) {
        field += quote;
        at += escape.length;
      } else if (text[at] === quote) {
        ++at;
        return field;
      } else {
        field += text[at];
      }
    }
    errors.push({ type: 'Quotes', code: 'MissingQuotes', message: 'Quoted field unterminated', row: rows.length, index: at });
    return field;
  };
  const readBare = () => {
    const ends = [text.indexOf(delimiter, at), text.indexOf(newline, at), text.length].filter((end) => end >= 0);
    const from = at;
    at = Math.min(...ends);
    return text.slice(from, at);
  };
  while (at <= text.length && !(preview > 0 && rows.length >= preview)) {
    if (row.length === 0 && comments && text.startsWith(comments, at)) {
      const end = text.indexOf(newline, at);
      if (end < 0) return rows;
      at = end + newline.length;
      continue;
    }
    row.push(quote && text[at] === quote ? readQuoted() : readBare());
    if (text.startsWith(delimiter, at)) {
      at += delimiter.length;
      continue;
    }
    endRow();
    if (!text.startsWith(newline, at)) {
      if (at < text.length) errors.push({ type: 'Quotes', code: 'InvalidQuotes', message: 'Trailing quote on quoted field is malformed', row: rows.length - 1, index: at });
      const end = text.indexOf(newline, at);
      at = end < 0 ? text.length + 1 : end + newline.length;
    } else {
      at += newline.length;
    }
  }
  return rows;
}

function guessNewline(text) {
  const head = text.slice(0, 1024 * 1024).replace(/"(?:[^"]|"")*"/g, '');
  const lines = head.split('\r');
  if (lines.length === 1 || lines[0].includes('\n')) return '\n';
  return lines.filter((line) => line[0] === '\n').length >= lines.length / 2 ? '\r\n' : '\r';
}

// The one with which the first rows have the same number of fields, and the most.
function guessDelimiter(text, options, guesses) {
  let best;
  for (const delimiter of guesses) {
    const rows = readRows(text, { ...options, delimiter, preview: 10 }, []).filter((row) => row.length > 1 || row[0] !== '');
    const widths = rows.map((row) => row.length);
    const unlike = widths.slice(1).reduce((sum, width, i) => sum + Math.abs(width - widths[i]), 0);
    const average = widths.reduce((sum, width) => sum + width, 0) / (widths.length || 1);
    if (average > 1.99 && (best === undefined || unlike < best.unlike || (unlike === best.unlike && average > best.average))) {
      best = { delimiter, unlike, average };
    }
  }
  return best?.delimiter;
}

function toTyped(value) {
  if (value === 'true' || value === 'TRUE') return true;
  if (value === 'false' || value === 'FALSE') return false;
  if (/^\s*-?(\d+\.?|\.\d+|\d+\.\d+)([eE][-+]?\d+)?\s*$/.test(value) && Math.abs(Number(value)) < 2 ** 53) return Number(value);
  if (/^(\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(:[0-5]\d(\.\d+)?)?([+-][0-2]\d:[0-5]\d|Z))$/.test(value)) return new Date(value);
  return value === '' ? null : value;
}

function isEmpty(row, mode) {
  return mode === 'greedy' ? row.join('').trim() === '' : row.length === 1 && row[0].length === 0;
}

// Column names that are unlike each other.
function namesOf(row, transformHeader) {
  const seen = new Map();
  return row.map((given, i) => {
    const name = transformHeader ? transformHeader(given, i) : given;
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}_${times}`;
  });
}

export function parse(input, config = {}) {
  const text = String(input).replace(/^\ufeff/, '');
  const errors = [];
  const options = {
    newline: config.newline || guessNewline(text),
    quote: config.quoteChar === null ? '' : config.quoteChar ?? '"',
    comments: config.comments === true ? '#' : config.comments,
    preview: config.preview > 0 ? config.preview + (config.header ? 1 : 0) : 0,
  };
  options.escape = config.escapeChar ?? options.quote;
  options.delimiter = typeof config.delimiter === 'function' ? config.delimiter(text) : config.delimiter;
  if (!options.delimiter) options.delimiter = guessDelimiter(text, options, config.delimitersToGuess ?? kGuesses);
  if (!options.delimiter) {
    errors.push({ type: 'Delimiter', code: 'UndetectableDelimiter', message: "Unable to auto-detect delimiting character; defaulted to ','" });
    options.delimiter = ',';
  }
  let rows = text === '' ? [] : readRows(text, options, errors);
  if (config.skipEmptyLines) rows = rows.filter((row) => !isEmpty(row, config.skipEmptyLines));
  const fields = config.header && rows.length > 0 ? namesOf(rows.shift(), config.transformHeader) : undefined;
  const isTyped = (name) => (typeof config.dynamicTyping === 'function' ? config.dynamicTyping(name) : typeof config.dynamicTyping === 'object' ? config.dynamicTyping?.[name] : config.dynamicTyping);
  const cellOf = (value, name) => {
    const changed = config.transform ? config.transform(value, name) : value;
    return isTyped(name) && typeof changed === 'string' ? toTyped(changed) : changed;
  };
  const data = rows.map((row, index) => {
    if (fields === undefined) return row.map((value, i) => cellOf(value, i));
    if (row.length !== fields.length) {
      const isFew = row.length < fields.length;
      errors.push({ type: 'FieldMismatch', code: isFew ? 'TooFewFields' : 'TooManyFields', message: `Too ${isFew ? 'few' : 'many'} fields: expected ${fields.length} fields but parsed ${row.length}`, row: index });
    }
    const made = {};
    row.forEach((value, i) => {
      if (i < fields.length) made[fields[i]] = cellOf(value, fields[i]);
      else (made.__parsed_extra ??= []).push(cellOf(value, i));
    });
    return made;
  });
  const meta = { delimiter: options.delimiter, linebreak: options.newline, aborted: false, truncated: options.preview > 0 && rows.length >= config.preview, cursor: text.length, ...(fields ? { fields } : {}) };
  return tell({ data, errors, meta }, config);
}

// Those who ask row by row, or for the end, are told so.
function tell(result, { step, chunk, complete }) {
  const parser = { isAborted: false, abort() { this.isAborted = true; }, pause() {}, resume() {} };
  if (step) {
    for (const row of result.data) {
      if (parser.isAborted) break;
      step({ data: row, errors: [], meta: result.meta }, parser);
    }
    result = { ...result, data: [], meta: { ...result.meta, aborted: parser.isAborted } };
  }
  if (chunk) chunk(result, parser);
  if (complete) complete(result);
  return step || chunk ? undefined : result;
}

function rowsOf(input, config) {
  const given = typeof input === 'string' ? JSON.parse(input) : input;
  if (!Array.isArray(given)) return { fields: given.fields, rows: given.data ?? [] };
  if (Array.isArray(given[0]) || given.length === 0) return { fields: undefined, rows: given };
  const fields = config.columns ?? Object.keys(given[0]);
  return { fields, rows: given };
}

export function unparse(input, config = {}) {
  const { fields, rows } = rowsOf(input, config);
  const delimiter = config.delimiter ?? ',';
  const quote = config.quoteChar ?? '"';
  const escape = config.escapeChar ?? quote;
  const write = (value, column) => {
    if (value === undefined || value === null) return '';
    let text = value instanceof Date ? JSON.stringify(value).slice(1, 25) : String(value);
    const needs = config.quotes === true || config.quotes?.[column] || typeof config.quotes === 'function' && config.quotes(value, column)
      || [delimiter, '\r', '\n', quote, '\ufeff'].some((each) => text.includes(each)) || /^ | $/.test(text);
    if (config.escapeFormulae && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return needs ? quote + text.replaceAll(quote, escape + quote) + quote : text;
  };
  const lines = rows
    .filter((row) => !config.skipEmptyLines || !isEmpty((Array.isArray(row) ? row : Object.values(row)).map(String), config.skipEmptyLines))
    .map((row) => (Array.isArray(row) ? row : fields.map((name) => row[name])).map(write).join(delimiter));
  if (fields !== undefined && config.header !== false) lines.unshift(fields.map(write).join(delimiter));
  return lines.join(config.newline ?? '\r\n');
}

export default { parse, unparse };
