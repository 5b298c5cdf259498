// Paths of Response.json(): modifiers, several paths together, pipes.
import http from 'k6/http';

export const options = { iterations: 1 };

const text = '{"name":{"first":"Tom","last":"Anderson"},"age":37,"children":["Sara","Alex","Jack"],"fav.movie":"Deer Hunter","friends":[{"first":"Dale","last":"Murphy","age":44,"nets":["ig","fb","tw"]},{"first":"Roger","last":"Craig","age":68,"nets":["fb","tw"]},{"first":"Jane","last":"Murphy","age":47,"nets":["ig","tw"]}],"nested":[1,[2,[3,[4]]],[5]],"parts":[{"a":1},{"b":2,"a":3}],"cols":{"id":["1","2"],"v":[3]},"text":"{\\"a\\":[1]}"}';
const paths = [
  'name.last',
  'name.la*',
  'age',
  'children',
  'children.0',
  'children.#',
  'children|@reverse',
  'children|@reverse|0',
  'children.@reverse.0',
  'children.@reverse',
  'friends.#.first',
  'friends.#.first|0',
  'friends.1.last',
  'friends.#(last=="Craig").first',
  'friends.#(last=="Murphy")#.first',
  'friends.#(first%"D*").last',
  'friends.#(nets.#(=="fb"))#.first',
  '@this',
  '@this.age',
  '@keys',
  '@values|0',
  'name|@keys',
  'name.@keys',
  '@ugly|age',
  '@pretty|name.first',
  '{name.first,age}',
  '{name.first,"years":age,"m":friends.#(last=="Murphy")#.first}',
  '[name.first,age,nothing]',
  '[name.first,age]|1',
  'friends.#.{first,age}',
  'friends.#.[first,age]',
  'friends.0.{first,"x":nets.#}',
  '@flatten',
  'children.@flatten',
  'nested|@flatten',
  'nested|@flatten:{"deep":true}',
  'nested.@flatten.0',
  'parts|@join',
  'cols|@group',
  'name|@tostr',
  'text|@fromstr',
  'text|@fromstr|a',
  '@dig:first|0',
  'nothing|@reverse',
  'fav\\.movie',
  'friends.#.nets|@flatten',
  'friends.#.nets.0',
  'friends.#.age|#',
  '!"lit"',
  'name.!5',
  '@nope',
  'age|@keys',
  'children.@keys',
  'friends|#(age>45)#|#.first',
  'friends.#(age>45)#.first|@reverse',
  '[children.0,{name.first}]',
  '@valid.age',
  'age.@this',
  'children.1|@this',
  'name|@values',
  'friends.#',
  'friends.#(age>100)#.first',
  'friends.#(age>100).first',
];

// Of objects the members by name: k6 has them in no order.
const sorted = (key, value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value);

export default function () {
  const response = http.post(`${__ENV.AT}/echo`, text);
  for (const path of paths) {
    const found = response.json(path);
    console.log(path, found === undefined ? 'undefined' : JSON.stringify(found, sorted));
  }
}
