// flags: -i 2
export default async () => { console.log('begun'); await new Promise(() => {}); console.log('never'); };
export const teardown = async () => { console.log('torn'); await new Promise(() => {}); console.log('never'); };
