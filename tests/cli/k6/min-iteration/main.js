// flags: --min-iteration-duration 200ms -i 2
export default () => 1;
