// flags: --execution-segment 0:1/2 --execution-segment-sequence 0,1/3,2/3,1
export default () => 1;
