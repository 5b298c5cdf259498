import http from 'k6/http';
const document = { a: { 'b.c': 1, list: [{ x: 'one', y: 5, n: { z: 1 } }, { x: 'two', y: 7 }, { x: 'three', y: 9 }], t: true, nil: null, f: 1.5, s: 'text', deep: [[1, 2], [3]] }, top: 'x', abc: 1, abd: 2 };
export default () => {
  const r = http.post(`${__ENV.AT}/echo`, JSON.stringify(document));
  for (const path of ['a.t', 'a.nil', 'a.f', 'a.s', 'a.list.0.x', 'a.list.#', 'a.list.#.x', 'a.list.#(x=="two").y', 'a.list.#(y>5)#.x', 'a.list.#(y>100)', 'a.list.#(y>100)#',
    'a.b\\.c', 'ab*', 'a?d', 'gone', 'a.list.9', 'a.list.-1', 'a.deep', 'a.deep.0.1', 'a.deep.#.#', 'a.list.#(x%"t*").x', 'a.list.#(x!%"t*").x', 'a.list.#.n.z', 'a.list.1', 'top.x',
    'a.list.#(x=="two")', 'a.list.#(n.z==1).x', 'a.list.#(y>=7)#.y', 'a.list.#(y!=7)#.y', 'a.list.0.n', 'a.deep|0', 'a.list|#']) {
    console.log(path, r.json(path));
  }
  for (const text of ['', 'not json', '{"a":', '[1,2', '5', '"s"', 'null', '{"a":1}x']) {
    const bad = http.post(`${__ENV.AT}/echo`, text);
    try {
      console.log(text, bad.json());
    } catch (error) {
      console.log(text, 'threw');
    }
  }
};
