// flags: -i 4
import { check, group } from 'k6';
export default () => {
  const told = [];
  told.push(check(__ITER, { 'is small': (n) => n < 3, 'is a number': (n) => typeof n === 'number', 'a value': 1 }, { team: 'shop' }));
  group('outer', () => {
    told.push(check(null, { 'is null': (n) => n === null }));
    told.push(group('inner', () => check({}, { 'never': () => false }) || 'returned'));
    group('empty', () => {});
  });
  for (const name of ['a::b']) {
    try {
      told.push(group(name, () => 'fine'));
    } catch (error) {
      told.push('threw');
    }
  }
  try {
    check(1, { throws: () => { throw new Error('in a check'); }, after: () => true });
  } catch (error) {
    told.push(error.message);
  }
  console.log(told);
};
