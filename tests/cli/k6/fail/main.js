// flags: -i 2
import { fail } from 'k6';
export default () => { if (__ITER === 0) fail('the text'); };
