// Modules that scripts import by a URL of jslib.k6.io and that come with the program, whatever version is asked for.

#include "load/one_vu.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

struct Case {
  const char* imports;
  const char* body;
  const char* returned;
};

constexpr Case kCases[] = {
    {"import { parseDuration, findBetween, check } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js'",
     "return [parseDuration('1d5h31m20s7ms'), findBetween('<a><b>', '<', '>', true), typeof check]",
     R"([106280007,["a","b"],"function"])"},
    {"import { parseDuration } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js'", "parseDuration('5 s')",
     "threw TypeError: \"5 s\" is an invalid time string"},
    {"import { URL, URLSearchParams } from 'https://jslib.k6.io/url/1.0.0/index.js'",
     "const url = new URL('../b?x=1&y=%20#z', 'https://me:pw@h.example:444/a/c/'); url.searchParams.append('n', 'ü');"
     "return [url.href, url.host, url.pathname, url.searchParams.get('x'), String(new URLSearchParams({ a: 1, b: '&' "
     "}))]",
     R"(["https://me:pw@h.example:444/a/b?x=1&y=+&n=%C3%BC#z","h.example:444","/a/b","1","a=1&b=%26"])"},
    {"import { URL } from 'https://jslib.k6.io/url/1.0.0/index.js'", "new URL('nonsense')",
     "threw TypeError: Invalid scheme"},
    {"import { FormData } from 'https://jslib.k6.io/formdata/0.0.2/index.js'",
     "const form = new FormData(); form.append('a', 1); form.append('a', '\"2\"'); form.append('f', { data: 'x', "
     "filename: "
     "'f\".txt', content_type: 'text/plain' }); form.append('b', new Uint8Array([65, 66]), 'raw');"
     "return String.fromCharCode(...new Uint8Array(form.body())).replaceAll(form.boundary, 'BOUNDARY')",
     R"("--BOUNDARY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--BOUNDARY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\"2\"\r\n--BOUNDARY\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f%22.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--BOUNDARY\r\nContent-Disposition: form-data; name=\"b\"; filename=\"raw\"\r\nContent-Type: application/octet-stream\r\n\r\nAB\r\n--BOUNDARY--\r\n")"},
    {"import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js'",
     "return papaparse.parse('id,name\\n1,\"Ann, A.\"\\n2,\"B \"\"b\"\"\"\\n', { header: true, dynamicTyping: true, "
     "skipEmptyLines: true }).data",
     R"([{"id":1,"name":"Ann, A."},{"id":2,"name":"B \"b\""}])"},
    {"import papaparse from 'https://jslib.k6.io/papaparse/5.1.1/index.js'",
     "const { data, errors, meta } = papaparse.parse('a;b\\r\\n1;2;3\\r\\n# no\\r\\n\"x', { comments: true }); return "
     "[data, "
     "errors.map((e) => e.code), meta.delimiter, meta.linebreak]",
     R"([[["a","b"],["1","2","3"],["x"]],["MissingQuotes"],";","\r\n"])"},
    {"import { parse, unparse } from 'https://jslib.k6.io/papaparse/5.1.1/index.js'",
     "return [unparse([{ a: 1, b: 'x,y' }, { a: null, b: ' z' }]), unparse([['q\"', true]]), parse('').data, "
     "parse('a').data, "
     "parse('a,b\\n1', { header: true }).errors.at(-1).code, parse('1\\n2\\n3', { preview: 2 }).data]",
     R"(["a,b\r\n1,\"x,y\"\r\n,\" z\"","\"q\"\"\",true",[],[["a"]],"TooFewFields",[["1"],["2"]]])"},
    {"import { Httpx, Get } from 'https://jslib.k6.io/httpx/0.1.0/index.js'",
     "const session = new Httpx({ baseURL: 'http://127.0.0.1:1', headers: { a: 'b' }, tags: { t: 'u' } });"
     "session.addHeader('c', 'd'); session.removeHeader('a');"
     "const one = session.get('/x', null, { headers: { e: 'f' } }); const [two] = session.batch([new Get('/y')]);"
     "return [one.request.url, one.request.headers, one.status, two.request.url, typeof session.asyncPost]",
     R"(["http://127.0.0.1:1/x",{"User-Agent":["Grafana k6/2.2.0"],"C":["d"],"E":["f"]},0,"http://127.0.0.1:1/y","function"])"},
    {"import { describe, expect } from 'https://jslib.k6.io/k6chaijs/4.3.4.3/index.js'",
     "return [describe('holds', () => { expect(1, 'one').to.equal(1); expect([1, "
     "2]).to.be.an('array').that.includes(2);"
     "expect({ a: { b: [1] } }).to.have.nested.property('a.b').with.lengthOf(1); expect('x').to.not.be.empty;"
     "expect([{ x: 1 }]).to.deep.include({ x: 1 }); expect({ a: 1, b: 2 }).to.have.all.keys('a', 'b');"
     "expect(() => { throw new TypeError('no') }).to.throw('no'); expect([1]).to.have.length.above(0); "
     "expect(3).to.be.within(1, 3);"
     "expect([]).to.be.an.instanceof(Array); expect(2).to.be.oneOf([1, 2]); expect(undefined).to.not.exist }),"
     "describe('does not', () => { expect(1, 'one').to.equal(2); throw new Error('not reached') }),"
     "describe('throws', () => { null.x })]",
     "[true,false,false]"},
    {"import { expect } from 'https://jslib.k6.io/k6-testing/0.5.0/index.js'",
     "expect(1).toBe(1); expect({ a: [1, { b: 2 }] }).toEqual({ a: [expect.any(Number), expect.objectContaining({ b: 2 "
     "})] });"
     "expect('abc').toContain('b'); expect('abc').not.toMatch(/d/); expect(() => { throw new Error('x') "
     "}).toThrow('x');"
     "expect(0.1 + 0.2).toBeCloseTo(0.3); expect({ a: { b: 1 } }).toHaveProperty('a.b', 1); "
     "expect([1]).toHaveLength(1);"
     "expect.soft(1).toBe(2); return 'on'",
     "\"on\""},
    {"import { expect } from 'https://jslib.k6.io/k6-testing/0.5.0/index.js'", "expect([1], 'list').toEqual([2])",
     "threw Error: list: expect(received).toEqual([2]) does not hold: received [1]"},
};

TEST(Libraries, ComeWithTheProgram) {
  for (const Case& c : kCases) {
    OneVu vu(fmt::format("{};\nexport default () => {{ {} }}", c.imports, c.body));
    ASSERT_EQ(vu.load(), "loaded") << c.imports;
    EXPECT_EQ(vu.call(), c.returned) << c.body;
  }
}

// What one VU does not import is not even compiled for it.
TEST(Libraries, CostNothingWhereTheyAreNotImported) {
  const auto bytes_of = [](const char* script) {
    OneVu vu(script);
    EXPECT_EQ(vu.load(), "loaded");
    v8::HeapStatistics heap;
    vu.vu->script().isolate()->GetHeapStatistics(&heap);
    return heap.used_heap_size();
  };
  const std::size_t plain = bytes_of("import http from 'k6/http'; export default () => {}");
  const std::size_t html = bytes_of("import http from 'k6/http'; import 'k6/html'; export default () => {}");
  EXPECT_GT(html, plain + 200'000);
  EXPECT_LT(plain, std::size_t{8} << 20);
}

}  // namespace
}  // namespace gantry::load
