// What k6/secrets gives is in no log.
// flags: --secret-source mock=token=hunter2,other=abcdef
import secrets from 'k6/secrets';
export const options = { iterations: 1 };
export default async function () {
  const token = await secrets.get('token');
  console.log(token === ['hunt', 'er2'].join(''), `the token is ${token}!`, { token }, token.length);
  console.warn(await secrets.source('mock').get('other'));
  for (const ask of [() => secrets.get('none'), () => secrets.source('none').get('token')]) {
    try { await ask(); } catch (error) { console.log('threw'); }
  }
  console.log(Object.keys(secrets).join(), 'abcdef');
}
