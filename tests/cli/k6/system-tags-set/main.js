// flags: -i 2 --out json=samples.json --tag run=r
// What a script sets by the names of k6's own tags: those of a VU's place stay as they were set, those of a request do not.
import { check, group } from 'k6';
import { vu } from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';

const marks = new Counter('marks');

export default () => {
  const { tags } = vu.metrics;
  const told = [];
  const tell = (where) => {
    told.push(`${where}: ${JSON.stringify(Object.entries(tags).sort())}`);
    marks.add(1, { where });
  };
  tell('at first');
  tags.group = `of ${__ITER}`;
  tell('set');
  check(1, { 'where the script says': (n) => n === 1 });
  group('inner', () => {
    tell('in a group of it');
    group('deeper', () => tell('and in one of that'));
    tags.group = 'set within';
    check(1, { 'within, where the script says': true });
    group('below', () => tell('below what was set within'));
  });
  tell('after the group');
  try {
    group('thrown out of', () => {
      tags.group = 'lost';
      throw new Error('out');
    });
  } catch (error) {
    tell(error.message);
  }
  tags.group = '';
  group('again', () => tell('again'));
  delete tags.group;
  tell('deleted');
  check(1, { 'of no group': true });
  group('from none', () => {
    delete tags.group;
    tell('deleted within');
  });
  tell('there again');
  tags.group = 'x::y';
  check(1, { 'deeper than it looks': true });
  tags.scenario = 'another';
  tags.status = 'mine';
  tags.method = 'mine';
  tags.check = 'mine';
  tags.error_code = 'mine';
  tags.url = 'mine';
  tags.vu = 'mine';
  tags.iter = 7;
  tell('of a request');
  check(1, { 'has its own name': true });
  http.get(`${__ENV.AT}/tell`);
  http.get(`${__ENV.AT}/tell`, { tags: { group: 'of one request', status: 'of it', name: 'named' } });
  tags.name = 'all alike';
  http.get(`${__ENV.AT}/tell`);
  http.get(http.url`${__ENV.AT}/${'tell'}`);
  for (const name of ['name', 'status', 'method', 'check', 'error_code', 'url', 'vu', 'iter']) delete tags[name];
  delete tags.scenario;
  tell('at last');
  tags.scenario = true;
  tags.group = 'kept';
  console.log(told.join('\n'));
};
