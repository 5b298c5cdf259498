// flags: -v
export default () => console.debug('seen');
