// flags: --tag team=shop -i 2
export const options = { tags: { team: 'lost', other: 'lost' }, thresholds: { 'iterations{team:shop}': ['count==2'], 'iterations{other:lost}': ['count<1'] } };
export default () => 1;
