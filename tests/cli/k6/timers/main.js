// flags: -i 2
export default () => {
  const seen = [];
  let ticks = 0;
  setTimeout((x) => { seen.push(x); }, 30, 'late');
  setTimeout(() => { seen.push('early'); }, 5);
  const gone = setTimeout(() => { seen.push('never'); }, 1);
  clearTimeout(gone);
  const every = setInterval(() => {
    if (++ticks === 3) {
      clearInterval(every);
      setTimeout(() => console.log(seen, ticks), 60);
    }
  }, 2);
  Promise.resolve().then(() => seen.push('micro'));
};
