import encoding from 'k6/encoding';
import { b64encode, b64decode } from 'k6/encoding';
export default () => {
  for (const form of [undefined, 'std', 'rawstd', 'url', 'rawurl', 'base85', '', 'toString']) {
    console.log(b64encode('a?>\u00fc~', form), b64encode(new Uint8Array([255, 254, 0]).buffer, form));
  }
  console.log(b64decode('aGk='), b64decode('aGk=', 'std', 's'), b64decode('aGk', 'rawstd', 's'), b64decode('_-8', 'rawurl'));
  for (const bad of [() => b64decode('***'), () => b64decode('aGk', 'std'), () => b64encode(5), () => b64encode(null)]) {
    try {
      console.log(bad());
    } catch (error) {
      console.log('threw');
    }
  }
  console.log(Object.keys(encoding).sort());
};
