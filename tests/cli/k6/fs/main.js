// file data.txt: Hello, files!
import fs, { open, SeekMode } from 'k6/experimental/fs';

export const options = { iterations: 1 };

const file = await open('data.txt');
const tried = [];
for (const path of ['gone.txt', '', undefined, null, '.']) {
  try { await open(path); tried.push('opened'); } catch (error) { tried.push(error.name); }
}

export default async function () {
  console.log(file.path.endsWith('/data.txt'), JSON.stringify(await file.stat()), SeekMode.Start, SeekMode.Current, SeekMode.End, typeof fs.open);
  const bytes = new Uint8Array(5);
  for (let i = 0; i < 4; ++i) console.log(await file.read(bytes), Array.from(bytes).join());
  console.log(await file.seek(7, SeekMode.Start), await file.read(bytes), Array.from(bytes).join());
  console.log(await file.seek(-2, SeekMode.Current), await file.seek(-3, SeekMode.End), await file.read(bytes));
  for (const [offset, whence] of [[-1, 0], [1, 2], [99, 0], ['1', 0], [1, 7], [null, 0]]) {
    try { console.log(await file.seek(offset, whence)); } catch (error) { console.log(error.name + ' ' + error.message); }
  }
  for (const into of [undefined, [], new Uint16Array(2)]) {
    try { console.log(await file.read(into)); } catch (error) { console.log(error.name + ' ' + error.message); }
  }
  console.log(tried.join());
  try { await open('data.txt'); } catch (error) { console.log(error.name + ' ' + error.message); }
}
