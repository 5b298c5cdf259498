export default () => {
  const tell = (f) => { try { console.log(f()); } catch (e) { console.log('threw', e.name); } };
  const bytes = (...values) => new Uint8Array(values);
  const d = new TextDecoder();
  tell(() => [d.encoding, d.fatal, d.ignoreBOM]);
  tell(() => d.decode(bytes(195, 169, 255, 65))); tell(() => d.decode()); tell(() => d.decode(bytes(65, 66).buffer)); tell(() => d.decode(new DataView(bytes(65, 66).buffer)));
  tell(() => [d.decode(bytes(239, 187, 191, 65)).length, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes(239, 187, 191, 65)).length]);
  tell(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes(255))); tell(() => new TextDecoder('UTF8', { fatal: true }).decode(bytes(239, 191, 189)));
  tell(() => [new TextDecoder('utf-16le').decode(bytes(65, 0, 61, 216, 0, 222)), new TextDecoder('utf-16').encoding, new TextDecoder('utf-16be').decode(bytes(0, 65))]);
  tell(() => new TextDecoder('utf-16le').decode(bytes(65, 0, 66))); tell(() => new TextDecoder('utf-16le', { fatal: true }).decode(bytes(61, 216, 65, 0)));
  tell(() => new TextDecoder('latin1')); tell(() => new TextDecoder('nope')); tell(() => new TextDecoder(undefined).encoding); tell(() => new TextDecoder('  utf-8 ').encoding);
  tell(() => { const s = new TextDecoder(); return [s.decode(bytes(226, 130), { stream: true }), s.decode(bytes(172), { stream: true }), s.decode(bytes(226)), s.decode(bytes(65))]; });
  tell(() => { const s = new TextDecoder('utf-16le'); return [s.decode(bytes(61, 216, 0), { stream: true }), s.decode(bytes(222))]; });
  tell(() => { const s = new TextDecoder('utf-8', { fatal: true }); return [s.decode(bytes(240, 159, 152), { stream: true }), s.decode(bytes(128))]; });
};
