// Rows of files.
// file main.csv: id,name,role\n1,"Ann, A.",admin\n\n2,"B ""b""",user\n3,"two\nlines",user\n
// file semi.csv: a;b\r\n1;2\r\n"3";x\r\n
// file short.csv: a,b\n1\n
// file quote.csv: a,b\n1,x"y\n
import csv, { parse, Parser } from 'k6/experimental/csv';
import { open } from 'k6/experimental/fs';

export const options = { iterations: 1 };

const file = await open('main.csv');
const other = await open('main.csv');
const rows = await parse(file);
const objects = await csv.parse(await open('main.csv'), { asObjects: true });
const some = await parse(await open('main.csv'), { fromLine: 1, toLine: 2 });
const skipped = await parse(await open('semi.csv'), { delimiter: ';', skipFirstLine: true });
const parser = new Parser(other, { skipFirstLine: true });
const tried = [];
for (const given of [{ asObjects: true, skipFirstLine: true }, { fromLine: 2, toLine: 1 }, { fromLine: -1 }, { delimiter: 'ab' }, { fromLine: 50 }]) {
  try { await parse(await open('main.csv'), given); tried.push('parsed'); } catch (error) { tried.push(String(error.message ?? error)); }
}
for (const name of ['short.csv', 'quote.csv']) {
  try { await parse(await open(name)); tried.push('parsed'); } catch (error) { tried.push(String(error.message ?? error)); }
}
try { new Parser(1); tried.push('made'); } catch (error) { tried.push('threw'); }

export default async function () {
  console.log(JSON.stringify(rows), rows.length);
  console.log(JSON.stringify(objects));
  console.log(JSON.stringify(some), JSON.stringify(skipped));
  for (;;) {
    const { done, value } = await parser.next();
    console.log(done, JSON.stringify(value));
    if (done) break;
  }
  tried.forEach((each, i) => console.log(i, each));
  try { new Parser(file); } catch (error) { console.log('late parser'); }
}
