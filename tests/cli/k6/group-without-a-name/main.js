// flags: --out json=samples.json
import { check, group } from 'k6';
import { vu } from 'k6/execution';
export default () => {
  group('', () => check(1, { 'in the root': true }));
  group('a', () => group('', () => check(1, { 'below a': true })));
  vu.metrics.tags.group = '::';
  check(1, { 'of no name': true });
  group('', () => check(1, { 'of no name twice': true }));
  group('b', () => check(1, { 'b below it': true }));
  vu.metrics.tags.group = '::a::';
  check(1, { 'below a too': true });
};
