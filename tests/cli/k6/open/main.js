const text = open('./main.js'), bytes = open('main.js', 'b');
export default () => {
  console.log(text.length === bytes.byteLength, text.startsWith('const'), bytes instanceof ArrayBuffer);
  try {
    open('./main.js');
  } catch (error) {
    console.log('threw');
  }
};
