const text = open('./gone.txt');
export default () => text;
