// flags: -i 3
export default () => { throw new Error('each time'); };
