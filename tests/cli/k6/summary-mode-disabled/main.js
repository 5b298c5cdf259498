// flags: --summary-mode disabled
export default () => 1;
