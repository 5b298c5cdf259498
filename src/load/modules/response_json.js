// What C++ leaves to do of Response.json() (k6 reference, §10.4): a path, and bodies that are no JSON.

import { bytesToText } from 'gantry:bytes';
import { pick } from 'gantry:gjson';

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = / at position (\d+)/.exec(error.message);
    if (at === null) throw error;
    const before = text.slice(0, Number(at[1])).split('\n');
    throw new SyntaxError(`cannot parse json due to an error at line ${before.length}, character ${before.at(-1).length + 1}: ${error.message}`);
  }
}

export function jsonOf(response, path) {
  const { body } = response;
  if (body === null) throw new Error('the body is null so we can\'t transform it to JSON - this likely was because of a request error getting the response');
  const parse = () => parseJson(typeof body === 'string' ? body : bytesToText(new Uint8Array(body)));
  if (path === undefined) return parse();
  let value;
  try {
    value = typeof body === 'string' ? response.json() : parse();
  } catch {
    return undefined;
  }
  return pick(value, String(path));
}
